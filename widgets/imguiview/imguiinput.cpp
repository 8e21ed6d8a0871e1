#include "widgets/imguiview/imguiinput.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <imgui.h>

#include <algorithm>
#include <cfloat>
#include <iterator>
#include <utility>

namespace pretext {

namespace {

/// Latin keys keep their code, the others (0x01000000 and on) follow behind them: together they fit KeysDown[512].
int keyIndex(int key)
{
    return key < 0x100 ? key : 0x100 + (key & 0xff);
}

} // namespace

void ImGuiInput::mapKeys(ImGuiIO &io)
{
    const std::pair<ImGuiKey, Qt::Key> keys[] = {{ImGuiKey_Tab, Qt::Key_Tab},
                                                 {ImGuiKey_LeftArrow, Qt::Key_Left},
                                                 {ImGuiKey_RightArrow, Qt::Key_Right},
                                                 {ImGuiKey_UpArrow, Qt::Key_Up},
                                                 {ImGuiKey_DownArrow, Qt::Key_Down},
                                                 {ImGuiKey_PageUp, Qt::Key_PageUp},
                                                 {ImGuiKey_PageDown, Qt::Key_PageDown},
                                                 {ImGuiKey_Home, Qt::Key_Home},
                                                 {ImGuiKey_End, Qt::Key_End},
                                                 {ImGuiKey_Insert, Qt::Key_Insert},
                                                 {ImGuiKey_Delete, Qt::Key_Delete},
                                                 {ImGuiKey_Backspace, Qt::Key_Backspace},
                                                 {ImGuiKey_Space, Qt::Key_Space},
                                                 {ImGuiKey_Enter, Qt::Key_Return},
                                                 {ImGuiKey_KeyPadEnter, Qt::Key_Enter},
                                                 {ImGuiKey_Escape, Qt::Key_Escape},
                                                 {ImGuiKey_A, Qt::Key_A},
                                                 {ImGuiKey_C, Qt::Key_C},
                                                 {ImGuiKey_V, Qt::Key_V},
                                                 {ImGuiKey_X, Qt::Key_X},
                                                 {ImGuiKey_Y, Qt::Key_Y},
                                                 {ImGuiKey_Z, Qt::Key_Z}};
    for (const auto &[imgui, qt] : keys)
        io.KeyMap[imgui] = keyIndex(qt);
}

void ImGuiInput::button(int qtButton, bool down)
{
    const int index = qtButton == Qt::LeftButton ? 0 : qtButton == Qt::RightButton ? 1 : qtButton == Qt::MiddleButton ? 2 : -1;
    if (index < 0)
        return;
    m_down[index] = down;
    m_pressed[index] |= down;
}

void ImGuiInput::key(const QKeyEvent &event, bool down, ImGuiIO &io)
{
    io.KeysDown[keyIndex(event.key())] = down;
    const Qt::KeyboardModifiers modifiers = event.modifiers();
    io.KeyCtrl = modifiers & Qt::ControlModifier;
    io.KeyShift = modifiers & Qt::ShiftModifier;
    io.KeyAlt = modifiers & Qt::AltModifier;
    io.KeySuper = modifiers & Qt::MetaModifier;
    if (down && !event.text().isEmpty() && event.text().at(0).isPrint())
        io.AddInputCharactersUTF8(event.text().toUtf8().constData());
}

void ImGuiInput::handle(const QEvent &event, ImGuiIO &io)
{
    switch (event.type()) {
    case QEvent::MouseMove:
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonDblClick:
    case QEvent::MouseButtonRelease: {
        const auto &mouse = static_cast<const QMouseEvent &>(event);
        m_inside = true;
        m_position = mouse.position();
        if (event.type() != QEvent::MouseMove)
            button(mouse.button(), event.type() != QEvent::MouseButtonRelease);
        break;
    }
    case QEvent::Wheel: {
        const QPoint angle = static_cast<const QWheelEvent &>(event).angleDelta();
        io.MouseWheel += float(angle.y()) / float(QWheelEvent::DefaultDeltasPerStep);
        io.MouseWheelH += float(angle.x()) / float(QWheelEvent::DefaultDeltasPerStep);
        break;
    }
    case QEvent::Leave: m_inside = false; break;
    case QEvent::KeyPress:
    case QEvent::KeyRelease: key(static_cast<const QKeyEvent &>(event), event.type() == QEvent::KeyPress, io); break;
    case QEvent::FocusIn: io.AddFocusEvent(true); break;
    case QEvent::FocusOut: // releases would go elsewhere
        io.AddFocusEvent(false);
        std::fill(std::begin(io.KeysDown), std::end(io.KeysDown), false);
        io.KeyCtrl = io.KeyShift = io.KeyAlt = io.KeySuper = false;
        break;
    default: break;
    }
}

void ImGuiInput::apply(ImGuiIO &io)
{
    io.MousePos = m_inside ? ImVec2(float(m_position.x()), float(m_position.y())) : ImVec2(-FLT_MAX, -FLT_MAX);
    for (int i = 0; i < kButtons; ++i) {
        io.MouseDown[i] = m_down[i] || m_pressed[i];
        m_pressed[i] = false;
    }
}

} // namespace pretext
