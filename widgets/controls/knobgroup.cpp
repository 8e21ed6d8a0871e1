#include "widgets/controls/knobgroup.h"

#include "widgets/controls/badge.h"
#include "widgets/controls/linkbutton.h"
#include "widgets/help/glossary.h"
#include "widgets/said.h"

#include <QCheckBox>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

namespace pretext {

KnobGroup::KnobGroup(const QString &title, const Knob *switchKnob, QWidget *parent)
    : QWidget(parent)
    , m_fold(new QToolButton(this))
    , m_body(new QWidget(this))
    , m_rows(new QVBoxLayout(m_body))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(1);
    auto *header = m_header = new QHBoxLayout;
    header->setSpacing(6);
    column->addLayout(header);
    column->addWidget(m_body);
    m_rows->setContentsMargins(14, 0, 0, 4);
    m_rows->setSpacing(2);

    m_fold->setText(title);
    m_fold->setAutoRaise(true);
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setFocusPolicy(Qt::TabFocus);
    connect(m_fold, &QToolButton::clicked, this, [this] { setFolded(!m_body->isHidden()); });
    header->addWidget(m_fold);
    header->addStretch(1);
    if (switchKnob) {
        setTerm(this, "knob/" + QString::fromStdString(switchKnob->name));
        m_effect = switchKnob->effect;
        m_switch = new QCheckBox(this);
        m_switch->setFocusPolicy(Qt::TabFocus);
        m_switch->setAccessibleName(title);
        m_switch->setToolTip(translated(switchKnob->help));
        m_fold->setToolTip(m_switch->toolTip());
        m_badge = new Badge(this);
        header->insertWidget(0, m_switch);
        header->addWidget(m_badge);
        connect(m_switch, &QCheckBox::toggled, this, &KnobGroup::switched);
        connect(m_switch, &QCheckBox::toggled, this, &KnobGroup::enableBody);
        setSwitchPending(false);
    }
    setFolded(false);
}

KnobEditor *KnobGroup::add(const Knob &knob)
{
    auto *editor = new KnobEditor(knob, m_body);
    m_rows->addWidget(editor);
    return editor;
}

void KnobGroup::setFolded(bool folded)
{
    m_body->setHidden(folded);
    m_fold->setArrowType(folded ? Qt::RightArrow : Qt::DownArrow);
}

void KnobGroup::setSwitch(bool on)
{
    const QSignalBlocker silent(m_switch);
    m_switch->setChecked(on);
    enableBody();
}

/// A switched-off augmentation's strength does nothing.
void KnobGroup::enableBody()
{
    m_body->setEnabled(m_switch->isChecked() || (m_other && !m_other->isHidden() && m_other->isChecked()));
}

void KnobGroup::setOther(bool shown, bool on)
{
    if (!m_other) {
        m_other = new QCheckBox(tr("right"), this);
        m_other->setFocusPolicy(Qt::TabFocus);
        m_other->setAccessibleName(tr("%1, right").arg(m_fold->text()));
        m_other->setToolTip(tr("The same of the right run."));
        m_header->insertWidget(m_header->indexOf(m_badge), m_other);
        connect(m_other, &QCheckBox::toggled, this, &KnobGroup::otherSwitched);
        connect(m_other, &QCheckBox::toggled, this, &KnobGroup::enableBody);
    }
    const QSignalBlocker silent(m_other);
    m_other->setChecked(on);
    m_other->setVisible(shown);
    enableBody();
}

LinkButton &KnobGroup::link()
{
    if (!m_link)
        m_header->insertWidget(m_header->indexOf(m_badge), m_link = new LinkButton(this));
    return *m_link;
}

void KnobGroup::setSwitchPending(bool pending)
{
    m_pending = pending;
    setSwitchSince(m_since);
}

void KnobGroup::setSwitchSince(qint64 step)
{
    m_since = step;
    if (m_pending)
        m_badge->show(tr("pending"), Badge::Tone::waiting);
    else if (m_since >= 0)
        m_badge->show(tr("since step %1").arg(m_since), Badge::Tone::done);
    else
        m_badge->show(translated(toText(m_effect)), Badge::Tone::quiet);
}

} // namespace pretext
