// Takes a run back to one of its steps, or forks another from it; says how far the kept checkpoint is.
#pragma once

#include <QDialog>

#include <cstdint>
#include <filesystem>
#include <vector>

class QLabel;
class QSpinBox;

namespace pretext {

class StepDialog : public QDialog
{
    Q_OBJECT
public:
    /// Of a run that begins at the step `first`, 0 but for a fork, and is at `last`; `step` is proposed.
    StepDialog(const std::filesystem::path &run, int64_t first, int64_t last, int64_t step, QWidget *parent);

    /// It trains on meanwhile.
    void runIsAt(int64_t step);
    /// Return goes back then; else it forks.
    void proposeGoingBack();
    /// Of two side by side, both of which go back: the right one began at the step `first`, and is at `last`.
    void beOfBoth(int64_t first, int64_t last);

signals:
    void goBack(qint64 step);
    void fork(qint64 step);
    void forkBeside(qint64 step); // and watch both

private:
    void sayWhat(bool both);
    void sayHowFar();

    int64_t m_last, m_firstOfBoth = 0;
    std::vector<int64_t> m_kept; // steps of checkpoints, ascending
    QSpinBox *m_step;
    QLabel *m_howFar, *m_what;
};

} // namespace pretext
