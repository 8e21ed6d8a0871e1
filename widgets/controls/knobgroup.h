// The knobs that share the part of their name before the dot: a header that folds, with the group's switch in it, and a row a knob.
#pragma once

#include "widgets/controls/knobeditor.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QHBoxLayout;
class QToolButton;
class QVBoxLayout;

namespace pretext {

class Badge;
class LinkButton;

class KnobGroup : public QWidget
{
    Q_OBJECT
public:
    /// `switchKnob` may be null: then the group has no switch.
    KnobGroup(const QString &title, const Knob *switchKnob, QWidget *parent = nullptr);

    KnobEditor *add(const Knob &knob);
    void setFolded(bool folded);
    /// Silent.
    void setSwitch(bool on);
    void setSwitchPending(bool pending);
    /// Of a group without a switch: its knobs have nothing to act on, as those of noise where there is none.
    void setIdle(bool idle) { m_body->setEnabled(!idle); }
    void setSwitchSince(qint64 step);
    /// Of two runs: the other's switch, where it is not linked; and a chain that is made at the first call.
    void setOther(bool shown, bool on);
    LinkButton &link();

signals:
    void switched(bool on);
    void otherSwitched(bool on);

private:
    void enableBody();

    QToolButton *m_fold;
    QCheckBox *m_switch = nullptr, *m_other = nullptr;
    LinkButton *m_link = nullptr;
    QHBoxLayout *m_header;
    Badge *m_badge = nullptr;
    QWidget *m_body;
    QVBoxLayout *m_rows;
    KnobEffect m_effect = KnobEffect::live;
    bool m_pending = false;
    qint64 m_since = -1;
};

} // namespace pretext
