#include "widgets/controls/knobgroup.h"

#include "widgets/controls/badge.h"
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
    auto *header = new QHBoxLayout;
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
        connect(m_switch, &QCheckBox::toggled, m_body, &QWidget::setEnabled);
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
    m_body->setEnabled(on); // a switched-off augmentation's strength does nothing
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
