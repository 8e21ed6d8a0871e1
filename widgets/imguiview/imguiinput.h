// Qt events on their way to Dear ImGui 1.86, through the input fields it had before 1.87. A press and its release between two frames
// both count.
#pragma once

#include <QPointF>

class QEvent;
class QKeyEvent;
struct ImGuiIO;

namespace pretext {

class ImGuiInput
{
public:
    static constexpr int kButtons = 3; // left, right, middle

    /// Once a context: where Dear ImGui finds the keys it knows.
    static void mapKeys(ImGuiIO &io);
    void handle(const QEvent &event, ImGuiIO &io);
    /// Before ImGui::NewFrame.
    void apply(ImGuiIO &io);

private:
    void key(const QKeyEvent &event, bool down, ImGuiIO &io);
    void button(int qtButton, bool down);

    bool m_inside = false;
    QPointF m_position;
    bool m_down[kButtons] = {}, m_pressed[kButtons] = {};
};

} // namespace pretext
