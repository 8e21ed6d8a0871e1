#include "widgets/imguiview/imguiview.h"

#include "widgets/imguiview/imguicanvas.h"
#include "widgets/imguiview/texturecache.h"

#include <QDir>
#include <QFile>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFunctions>

#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

/// Dear ImGui's renderer loads desktop OpenGL 3.0 and up.
bool usable(const QOpenGLContext &context)
{
    return !context.isOpenGLES() && context.format().version() >= qMakePair(3, 0);
}

/// OpenGL without a graphics processor: the canvases would be drawn by the trainer's cores, and with them, since Qt then composes the whole
/// window through OpenGL, every repaint of a label. QPainter takes the window's thread half the time there, and no other threads.
bool drawnBySoftware(QOpenGLContext &context)
{
    const QByteArray renderer(reinterpret_cast<const char *>(context.functions()->glGetString(GL_RENDERER)));
    return renderer.contains("llvmpipe") || renderer.contains("softpipe") || renderer.contains("Software Rasterizer") || renderer.contains("SwiftShader");
}

/// A device that draws: any driver's render node, NVIDIA's own, Windows' under WSL. Without one the answer is known before the software renderer,
/// some hundred megabytes, is loaded for a trial: a tenth of a second of the start.
bool hasGraphicsProcessor()
{
    return !QDir(QStringLiteral("/dev/dri")).entryList({QStringLiteral("renderD*")}, QDir::System).isEmpty() || QFile::exists(QStringLiteral("/dev/nvidiactl"))
           || QFile::exists(QStringLiteral("/dev/dxg"));
}

bool makeTrialContext()
{
    const QByteArray wish = qgetenv("PRETEXT_CANVAS"); // "opengl" or "painter", whatever draws it
    if (wish == "painter" || (wish != "opengl" && !hasGraphicsProcessor()))
        return false;
    QOpenGLContext context;
    if (!context.create())
        return false;
    QOffscreenSurface surface;
    surface.setFormat(context.format());
    surface.create();
    if (!surface.isValid() || !context.makeCurrent(&surface))
        return false;
    const bool good = usable(context) && (wish == "opengl" || !drawnBySoftware(context));
    context.doneCurrent();
    return good;
}

/// The canvas' window: as large as the widget, and nothing of it shows.
ImDrawList &beginWindow(const ImVec2 &size)
{
    ImGui::SetNextWindowPos(ImVec2(0, 0));
    ImGui::SetNextWindowSize(size);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
    ImGui::Begin("canvas", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings
                     | ImGuiWindowFlags_NoScrollWithMouse);
    ImGui::PopStyleVar(3);
    return *ImGui::GetWindowDrawList();
}

} // namespace

ImGuiView::ImGuiView(std::function<void(Canvas &)> draw, QWidget *parent)
    : QOpenGLWidget(parent)
    , m_draw(std::move(draw))
    , m_imgui(ImGui::CreateContext())
    , m_textures(std::make_unique<TextureCache>())
{
    ImGui::SetCurrentContext(m_imgui);
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = nullptr; // writes no files
    io.LogFilename = nullptr;
    ImGuiInput::mapKeys(io);
}

ImGuiView::~ImGuiView()
{
    releaseGL();
    ImGui::DestroyContext(m_imgui);
}

bool ImGuiView::available()
{
    static const bool possible = makeTrialContext();
    return possible;
}

void ImGuiView::initializeGL()
{
    releaseGL();
    connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &ImGuiView::releaseGL, Qt::UniqueConnection);
    ImGui::SetCurrentContext(m_imgui);
    const bool core = context()->format().profile() == QSurfaceFormat::CoreProfile;
    m_ready = usable(*context()) && ImGui_ImplOpenGL3_Init(core ? "#version 150" : "#version 130");
}

void ImGuiView::releaseGL()
{
    if (!m_ready)
        return;
    m_ready = false;
    makeCurrent();
    ImGui::SetCurrentContext(m_imgui);
    ImGui_ImplOpenGL3_Shutdown();
    m_textures->release();
    doneCurrent();
}

void ImGuiView::forward(const QEvent &event)
{
    ImGui::SetCurrentContext(m_imgui);
    m_input.handle(event, ImGui::GetIO());
}

void ImGuiView::beginFrame()
{
    ImGuiIO &io = ImGui::GetIO();
    io.DisplaySize = ImVec2(float(width()), float(height()));
    io.DisplayFramebufferScale = ImVec2(float(devicePixelRatioF()), float(devicePixelRatioF()));
    io.DeltaTime = m_sinceFrame.isValid() ? std::max(1e-3f, float(m_sinceFrame.restart()) / 1000.f) : 1.f / 60;
    m_sinceFrame.start();
    m_input.apply(io);
    ImGui_ImplOpenGL3_NewFrame();
    ImGui::NewFrame();
}

void ImGuiView::paintGL()
{
    if (!m_ready || width() < 1 || height() < 1)
        return;
    const Theme theme = Theme::of(this);
    context()->functions()->glClearColor(theme.background.redF(), theme.background.greenF(), theme.background.blueF(), 1);
    context()->functions()->glClear(GL_COLOR_BUFFER_BIT);
    ImGui::SetCurrentContext(m_imgui);
    beginFrame();
    ImGuiCanvas canvas(beginWindow(ImGui::GetIO().DisplaySize), *m_textures, QSizeF(size()), devicePixelRatioF(), theme);
    m_draw(canvas);
    ImGui::End();
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    m_textures->endFrame();
}

} // namespace pretext
