#include "tests/bench/soaking/hand.h"

#include "app/dockarea.h"
#include "app/mainwindow.h"
#include "core/ssl/method.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/workbench.h"

#include <QCoreApplication>
#include <QDockWidget>
#include <QMouseEvent>
#include <QUndoStack>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pretext::bench {

Hand::Hand(MainWindow &window, std::vector<std::string> data, unsigned seed)
    : m_window(window)
    , m_data(std::move(data))
    , m_random(seed)
    , m_layout(window.docks().state())
{
}

void Hand::act()
{
    const int chance = below(100);
    if (chance < 40)
        changeKnob();
    else if (chance < 55)
        steer();
    else if (chance < 75)
        movePanel();
    else if (chance < 97)
        point();
    else
        resize();
}

void Hand::changeJob()
{
    ++m_done["other jobs"];
    Run &run = m_window.run();
    Request &request = m_window.request();
    const std::shared_ptr<const Dataset> dataset = openDataset(anyOf(m_data));
    std::vector<std::string> methods;
    for (const MethodType &type : methodTypes())
        if (trainsOn(type, dataset->info().modality))
            methods.push_back(type.name);
    RunConfig config = recommendedConfig(*dataset, anyOf(methods));
    config.batch = 8 << below(3);
    config.seed = uint64_t(below(1000));
    config.threads = 1;
    if (!run.hasJob()) { // the first, or after one that failed
        TrainerOptions options;
        options.config = config;
        options.dataset = dataset;
        run.start(std::move(options));
        return;
    }
    request.setConfig(config, QStringLiteral("another job"), dataset);
    request.applyAndRestart();
}

void Hand::changeKnob()
try {
    ++m_done["knobs"];
    Request &request = m_window.request();
    std::vector<Knob> knobs;
    for (const Knob &knob : request.config().knobs.declarations())
        if (knob.effect != KnobEffect::restart)
            knobs.push_back(knob);
    if (knobs.empty())
        return;
    const Knob &knob = anyOf(knobs);
    const double share = below(1001) / 1000.;
    double number = knob.logarithmic ? knob.minimum * std::pow(knob.maximum / knob.minimum, share) : knob.minimum + share * (knob.maximum - knob.minimum);
    number = std::clamp(knob.kind == KnobKind::integer ? std::round(number) : number, knob.minimum, knob.maximum);
    if (knob.kind == KnobKind::boolean)
        request.setKnob(knob.name, below(2) == 1);
    else if (knob.kind == KnobKind::choice)
        request.setKnob(knob.name, anyOf(knob.choices));
    else if (knob.name != "learning_rate" || number < 0.01) // what diverges ends the job
        request.setKnob(knob.name, number);
} catch (const std::invalid_argument &) {
    // it contradicts another knob's value, which the panel says to whoever turns it
}

void Hand::steer()
{
    ++m_done["pauses, steps, undoing"];
    Run &run = m_window.run();
    Request &request = m_window.request();
    switch (below(8)) {
    case 0: run.pause(); break;
    case 1: run.stepOnce(); break;
    case 2: run.saveCheckpoint(); break;
    case 3: run.rewind(); break;
    case 4: request.undoStack()->undo(); break;
    case 5: request.undoStack()->redo(); break;
    default: run.play(); break;
    }
}

QDockWidget *Hand::anyDock()
{
    return m_window.docks().dock(anyOf(panelTypes()).name);
}

void Hand::movePanel()
{
    ++m_done["moves of panels"];
    QDockWidget *one = anyDock(), *other = anyDock();
    DockArea &docks = m_window.docks();
    const bool together = one != other && !one->isFloating() && !other->isFloating() && one->isVisible() && other->isVisible();
    switch (below(10)) {
    case 0: one->setFloating(true); break;
    case 1: one->setFloating(false); break;
    case 2: one->hide(); break;
    case 3:
    case 4: docks.show(one->objectName()); break;
    case 5: docks.raise(one->objectName()); break;
    case 6:
        if (together)
            m_window.tabifyDockWidget(one, other);
        break;
    case 7:
        if (together)
            m_window.splitDockWidget(one, other, below(2) ? Qt::Vertical : Qt::Horizontal);
        break;
    case 8:
        if (below(2))
            m_layout = docks.state();
        else
            docks.restore(m_layout);
        break;
    case 9: docks.applyDefault(); break;
    }
}

/// Moves the pointer over a canvas, turns the wheel on it, drags a little.
void Hand::point()
{
    ++m_done["pointing"];
    std::vector<CanvasWidget *> canvases;
    for (CanvasWidget *canvas : m_window.findChildren<CanvasWidget *>())
        if (canvas->isVisible() && !canvas->size().isEmpty())
            canvases.push_back(canvas);
    if (canvases.empty())
        return;
    CanvasWidget *canvas = anyOf(canvases);
    const auto send = [&](QEvent::Type type, Qt::MouseButton button, Qt::MouseButtons buttons) {
        const QPointF at(below(canvas->width()), below(canvas->height()));
        QMouseEvent event(type, at, canvas->mapToGlobal(at), button, buttons, {});
        QCoreApplication::sendEvent(canvas, &event);
    };
    for (int i = 0; i < 5; ++i)
        send(QEvent::MouseMove, Qt::NoButton, Qt::NoButton);
    if (below(3) == 0) {
        const QPointF at = QRectF(canvas->rect()).center();
        QWheelEvent event(at, canvas->mapToGlobal(at), {}, QPoint(0, below(2) ? 120 : -120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(canvas, &event);
    }
    if (below(3) == 0) {
        send(QEvent::MouseButtonPress, Qt::LeftButton, Qt::LeftButton);
        send(QEvent::MouseMove, Qt::NoButton, Qt::LeftButton);
        send(QEvent::MouseButtonRelease, Qt::LeftButton, Qt::NoButton);
    }
}

void Hand::resize()
{
    ++m_done["other sizes"];
    m_window.resize(1000 + below(860), 640 + below(380));
}

} // namespace pretext::bench
