// Dear ImGui inside a QOpenGLWidget: a context of its own for each view, our own input adapter, and one borderless window as large as
// the widget, whose draw list is the canvas. Detaching or docking a panel makes a new OpenGL context: what lives in the old one is released
// before it goes, and made again in the new one.
#pragma once

#include "widgets/imguiview/imguiinput.h"

#include <QElapsedTimer>
#include <QOpenGLWidget>

#include <functional>
#include <memory>

struct ImGuiContext;

namespace pretext {

class Canvas;
class TextureCache;

class ImGuiView : public QOpenGLWidget
{
    Q_OBJECT
public:
    /// `draw` is called between ImGui::NewFrame and ImGui::Render, and may use Dear ImGui's own widgets beside the canvas.
    explicit ImGuiView(std::function<void(Canvas &)> draw, QWidget *parent = nullptr);
    ~ImGuiView() override;

    /// True where this process can make a context that the view can use; asked once.
    static bool available();
    void forward(const QEvent &event); // to Dear ImGui
    const TextureCache &textures() const { return *m_textures; }

protected:
    void initializeGL() override;
    void paintGL() override;

private:
    void beginFrame();
    void releaseGL();

    std::function<void(Canvas &)> m_draw;
    ImGuiContext *m_imgui;
    std::unique_ptr<TextureCache> m_textures;
    ImGuiInput m_input;
    QElapsedTimer m_sinceFrame;
    bool m_ready = false;
};

} // namespace pretext
