// A slider over the steps of a run, with ticks at those that are shown at once, to which a drag clings; its right end is the run as it is now.
#pragma once

#include <QSlider>

#include <cstdint>
#include <vector>

namespace pretext {

class StepSlider : public QSlider
{
    Q_OBJECT
public:
    explicit StepSlider(QWidget *parent = nullptr);

    void setSteps(int64_t first, int64_t newest);
    void setAtOnce(const std::vector<int64_t> &steps); // ascending
    /// The handle stays at the right end until it is put elsewhere.
    void showNow();
    void showStep(int64_t step);
    bool isNow() const { return value() == maximum(); }
    bool isAtOnce(int64_t step) const;
    /// The tick before or after the handle; past the last one the right end.
    void goToTick(bool later);

signals:
    /// By the user.
    void stepChosen(qint64 step);
    void nowChosen();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    QSize sizeHint() const override;

private:
    void choose(int64_t step);
    void dragTo(double x);
    double xOf(int64_t step) const;
    int64_t stepAt(double x) const;

    std::vector<int64_t> m_atOnce;
    bool m_quiet = false; // moved by the run, not by the user
};

} // namespace pretext
