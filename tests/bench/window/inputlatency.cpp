#include "tests/bench/window/inputlatency.h"

#include "app/dockarea.h"
#include "app/mainwindow.h"
#include "tests/bench/window/timedapplication.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/controls/knobeditor.h"
#include "widgets/controls/knobslider.h"

#include <QMouseEvent>
#include <QStyleOptionSlider>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

namespace pretext::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Gesture
{
    const char *name;
    QWidget *widget;
    QPoint from, to;
    bool drags;
};

void send(QWidget *widget, QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons buttons)
{
    QMouseEvent event(type, at, widget->mapToGlobal(at), button, buttons, {});
    QCoreApplication::sendEvent(widget, &event);
}

/// Back and forth between the gesture's ends, never twice the same place in a row.
QPointF placeOf(const Gesture &gesture, int index)
{
    constexpr int kSteps = 23;
    const int phase = index % (2 * kSteps);
    const qreal share = (phase < kSteps ? phase : 2 * kSteps - phase) / qreal(kSteps);
    return QPointF(gesture.from) + share * QPointF(gesture.to - gesture.from);
}

/// The moves come from a thread that does not wait for the window to be free, as a hand does not: a window that is busy counts as late.
std::vector<double> perform(TimedApplication &application, const Gesture &gesture, int inputs)
{
    std::vector<double> milliseconds;
    if (gesture.drags)
        send(gesture.widget, QEvent::MouseButtonPress, gesture.from, Qt::LeftButton, Qt::LeftButton);
    bool ended = false;
    std::thread hand([&] {
        for (int i = 1; i <= inputs; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(8 + 13 * (i % 7)));
            std::promise<void> painted;
            QMetaObject::invokeMethod(
                &application,
                [&, i, begun = Clock::now()] {
                    application.awaitPaint(gesture.widget, [&, begun] {
                        milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
                        painted.set_value();
                    });
                    send(gesture.widget, QEvent::MouseMove, placeOf(gesture, i), Qt::NoButton, gesture.drags ? Qt::LeftButton : Qt::NoButton);
                },
                Qt::QueuedConnection);
            painted.get_future().wait();
        }
        QMetaObject::invokeMethod(
            &application, [&] { ended = true; }, Qt::QueuedConnection);
    });
    while (!ended)
        application.processEvents(QEventLoop::WaitForMoreEvents);
    hand.join();
    if (gesture.drags)
        send(gesture.widget, QEvent::MouseButtonRelease, gesture.to, Qt::LeftButton, Qt::NoButton);
    return milliseconds;
}

void report(const Gesture &gesture, std::vector<double> milliseconds)
{
    std::sort(milliseconds.begin(), milliseconds.end());
    const auto at = [&](double share) { return milliseconds[size_t(share * double(milliseconds.size() - 1))]; };
    std::printf("%-24s %8.1f %8.1f %8.1f\n", gesture.name, at(0.5), at(0.95), milliseconds.back());
    std::fflush(stdout);
}

QWidget *canvasOf(MainWindow &window, const char *panel)
{
    return window.docks().panel(panel)->findChild<CanvasWidget *>();
}

Gesture sliderDrag(MainWindow &window)
{
    for (KnobEditor *editor : window.findChildren<KnobEditor *>())
        if (editor->knob().name == "temperature") {
            auto *slider = editor->findChild<KnobSlider *>();
            const int y = slider->height() / 2;
            slider->setValue(slider->minimum());
            return {"Controls, slider drag", slider, QPoint(6, y), QPoint(slider->width() - 6, y), true};
        }
    throw std::runtime_error("Controls has no slider for the temperature");
}

} // namespace

void measureInputLatency(TimedApplication &application, MainWindow &window, int inputs)
{
    QWidget *similarity = canvasOf(window, "similarity"), *pairs = canvasOf(window, "viewpairs");
    const QPoint middle = similarity->rect().center();
    const Gesture gestures[] = {
        {"Similarity, hover", similarity, middle / 2, middle, false},
        {"Similarity, drag", similarity, middle / 2, middle, true},
        {"View pairs, hover", pairs, QPoint(pairs->width() / 4, pairs->height() / 2), QPoint(pairs->width() / 4, pairs->height() - 20), false},
        sliderDrag(window),
    };
    std::printf("input to paint, ms         median      95%%  largest\n");
    for (const Gesture &gesture : gestures)
        report(gesture, perform(application, gesture, inputs));
}

} // namespace pretext::bench
