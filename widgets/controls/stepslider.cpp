#include "widgets/controls/stepslider.h"

#include "widgets/plots/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace pretext {

namespace {

constexpr double kMargin = 8, kHandle = 6, kClings = 7; // pixels: the handle's room at both ends; its radius; from so far to a tick

int sliderStep(int64_t step)
{
    return int(std::clamp<int64_t>(step, 0, std::numeric_limits<int>::max()));
}

} // namespace

StepSlider::StepSlider(QWidget *parent) : QSlider(Qt::Horizontal, parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setRange(0, 0);
    connect(this, &QSlider::valueChanged, this, [this] {
        if (m_quiet)
            return;
        isNow() ? emit nowChosen() : emit stepChosen(value());
    });
}

void StepSlider::setSteps(int64_t first, int64_t newest)
{
    const bool now = isNow();
    const bool before = std::exchange(m_quiet, true);
    setRange(sliderStep(first), sliderStep(std::max(first, newest)));
    if (now)
        setValue(maximum());
    m_quiet = before;
    update();
}

void StepSlider::setAtOnce(const std::vector<int64_t> &steps)
{
    if (m_atOnce == steps)
        return;
    m_atOnce = steps;
    update();
}

void StepSlider::showNow()
{
    showStep(maximum());
}

void StepSlider::showStep(int64_t step)
{
    const bool before = std::exchange(m_quiet, true);
    setValue(sliderStep(step));
    m_quiet = before;
}

bool StepSlider::isAtOnce(int64_t step) const
{
    return std::ranges::binary_search(m_atOnce, step);
}

void StepSlider::goToTick(bool later)
{
    const int64_t now = value();
    if (later) {
        const auto after = std::ranges::upper_bound(m_atOnce, now);
        choose(after == m_atOnce.end() ? maximum() : *after);
    } else {
        const auto from = std::ranges::lower_bound(m_atOnce, now);
        choose(from == m_atOnce.begin() ? now : *(from - 1));
    }
}

void StepSlider::choose(int64_t step)
{
    setValue(sliderStep(step)); // within the range
}

double StepSlider::xOf(int64_t step) const
{
    const double span = std::max(1, maximum() - minimum());
    return kMargin + (width() - 2 * kMargin) * double(step - minimum()) / span;
}

int64_t StepSlider::stepAt(double x) const
{
    const double share = (x - kMargin) / std::max(1.0, width() - 2 * kMargin);
    return minimum() + std::llround(std::clamp(share, 0.0, 1.0) * double(maximum() - minimum()));
}

/// To the nearest tick or end where one is as near as that.
void StepSlider::dragTo(double x)
{
    int64_t nearest = stepAt(x);
    double distance = kClings;
    const auto consider = [&](int64_t step) {
        if (const double from = std::abs(xOf(step) - x); from < distance) {
            distance = from;
            nearest = step;
        }
    };
    consider(maximum());
    std::ranges::for_each(m_atOnce, consider);
    choose(nearest);
}

void StepSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    setSliderDown(true);
    dragTo(event->position().x());
}

void StepSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (isSliderDown())
        dragTo(event->position().x());
}

void StepSlider::mouseReleaseEvent(QMouseEvent *)
{
    setSliderDown(false);
}

void StepSlider::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down: return choose(value() - 1);
    case Qt::Key_Right:
    case Qt::Key_Up: return choose(value() + 1);
    case Qt::Key_PageUp: return goToTick(false);
    case Qt::Key_PageDown: return goToTick(true);
    case Qt::Key_Home: return choose(minimum());
    case Qt::Key_End:
    case Qt::Key_Escape: return choose(maximum());
    default: event->ignore();
    }
}

/// Whoever scrolls past is not to leave the run as it is now.
void StepSlider::wheelEvent(QWheelEvent *event)
{
    event->ignore();
}

QSize StepSlider::sizeHint() const
{
    return {200, 22};
}

void StepSlider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = height() / 2.0, left = xOf(minimum()), right = xOf(maximum()), at = xOf(value());
    const QColor line = palette().color(QPalette::PlaceholderText);
    const QColor handle = !isEnabled() ? line : isNow() ? palette().color(QPalette::Highlight) : lookBackColour();
    painter.setPen(QPen(line, 3, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(left, middle), QPointF(right, middle));
    if (isEnabled()) {
        painter.setPen(QPen(handle, 3, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(left, middle), QPointF(at, middle));
        painter.setPen(QPen(palette().color(QPalette::WindowText), 1.5));
        for (const int64_t step : m_atOnce)
            painter.drawLine(QPointF(xOf(step), middle - 5), QPointF(xOf(step), middle + 5));
    }
    painter.setPen(QPen(palette().color(QPalette::Window), 1.5));
    painter.setBrush(handle);
    painter.drawEllipse(QPointF(at, middle), kHandle, kHandle);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(handle, 1.5));
        painter.drawEllipse(QPointF(at, middle), kHandle + 2, kHandle + 2);
    }
}

} // namespace pretext
