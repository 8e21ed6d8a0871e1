// What tests of the window share: settings of their own, a window as large as a projector's, and a canvas that keeps what is drawn on it.
#pragma once

#include "app/mainwindow.h"
#include "app/settings.h"
#include "widgets/controls/knobeditor.h"
#include "widgets/plots/canvas.h"

#include <QStandardPaths>
#include <QTest>

#include <memory>
#include <utility>
#include <vector>

namespace pretext::test {

/// Settings and runs under a name of the test's own, both forgotten.
inline void useOwnSettings(const char *name)
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(QLatin1String(name));
    settings().clear();
}

/// It remembers nothing; null where no screen shows it.
inline std::unique_ptr<MainWindow> shownWindow(QSize size = {1600, 900})
{
    auto window = std::make_unique<MainWindow>();
    window->setRemembers(false);
    window->resize(size);
    window->show();
    return QTest::qWaitForWindowExposed(window.get()) ? std::move(window) : nullptr;
}

/// The control of a knob; null where none is shown.
inline KnobEditor *editorOf(const MainWindow &window, const std::string &knob)
{
    for (KnobEditor *editor : window.findChildren<KnobEditor *>())
        if (editor->knob().name == knob)
            return editor;
    return nullptr;
}

/// Keeps the images, and where which text is drawn; draws nothing.
class CatchingCanvas : public Canvas
{
public:
    CatchingCanvas(const QSizeF &size, const Theme &theme) : m_size(size), m_theme(theme) {}
    QSizeF size() const override { return m_size; }
    qreal devicePixelRatio() const override { return 1; }
    const Theme &theme() const override { return m_theme; }
    void text(QPointF at, const QString &text, const QColor &, Align, qreal) override { texts.emplace_back(text, at); }
    void textUp(QPointF, const QString &, const QColor &, qreal) override {}
    void image(const QRectF &target, const CanvasImage &image, const QRectF &) override
    {
        images.push_back(image.image);
        imagePlaces.push_back(target);
    }
    void clip(const QRectF &) override {}
    void unclip() override {}
    /// Of the first text that reads so.
    QPointF placeOf(const QString &wanted) const
    {
        for (const auto &[text, at] : texts)
            if (text == wanted)
                return at;
        return {-1, -1};
    }

    std::vector<std::pair<QString, QPointF>> texts;
    std::vector<QImage> images;
    std::vector<QRectF> imagePlaces; // of each

protected:
    void fillPixels(const QRectF &, const QColor &) override {}
    void slantedLine(QPointF, QPointF, const QColor &, qreal) override {}

private:
    QSizeF m_size;
    Theme m_theme;
};

} // namespace pretext::test
