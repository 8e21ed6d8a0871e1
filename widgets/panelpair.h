// The same panel of two runs, side by side in one dock: a title above each that says in what it differs, and one row of controls for both.
#pragma once

#include <QWidget>

#include <array>

class QLabel;
class QSplitter;
class QToolButton;

namespace pretext {

class Panel;
class SideBySide;

class PanelPair : public QWidget
{
    Q_OBJECT
public:
    /// Takes both panels; the left one goes back to its dock by release().
    PanelPair(Panel *left, Panel *right, SideBySide *together, QWidget *parent = nullptr);

    Panel *release();
    Panel *left() const { return m_left; }
    Panel *right() const { return m_right; }
    void setRaised(bool raised);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *half(int side, Panel *panel);
    void shareControls();
    void updateTitles();
    void showDifference(bool shows);

    SideBySide *m_together;
    Panel *m_left, *m_right;
    QSplitter *m_halves;
    QWidget *m_unseen; // holds the right one's controls
    std::array<QLabel *, 2> m_titles{};
    QToolButton *m_difference;
};

/// A property of a widget in a panel: its value is the run's own, and not shared with the panel beside it.
constexpr const char *kOwnToRun = "ownToRun";
/// What a user sets in one of two widgets made alike is set in the other, too: choices, numbers, ticks and words.
void mirrorControls(QWidget *one, QWidget *other);

} // namespace pretext
