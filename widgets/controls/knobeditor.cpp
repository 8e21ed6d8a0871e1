#include "widgets/controls/knobeditor.h"

#include "widgets/controls/badge.h"
#include "widgets/controls/choicelist.h"
#include "widgets/controls/knobslider.h"
#include "widgets/controls/linkbutton.h"
#include "widgets/controls/numberspin.h"
#include "widgets/controls/wheelguard.h"
#include "widgets/help/glossary.h"
#include "widgets/said.h"

#include <QCheckBox>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>

namespace pretext {

namespace {
constexpr double kMostForSlider = 1e5; // a seed is typed, not dragged
}

QString shownName(const std::string &name)
{
    return QString::fromStdString(name.substr(name.rfind('.') + 1)).replace('_', ' ');
}

KnobEditor::KnobEditor(const Knob &knob, QWidget *parent)
    : QWidget(parent)
    , m_knob(knob)
    , m_label(new QLabel(this))
    , m_running(new QLabel(this))
    , m_note(new QLabel(this))
    , m_badge(new Badge(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *row = m_row = new QHBoxLayout;
    row->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_running);
    column->addWidget(m_note);
    addLabel(row);
    switch (knob.kind) {
    case KnobKind::boolean: addCheck(row); break;
    case KnobKind::choice: addChoice(row); break;
    default: addNumber(row);
    }
    row->addWidget(m_badge);
    for (QLabel *below : {m_running, m_note}) {
        below->setAlignment(Qt::AlignRight);
        below->setForegroundRole(QPalette::PlaceholderText);
        below->hide();
    }
    m_note->setObjectName("note");
    m_note->setWordWrap(true);
    setToolTip(toolTipText());
    setTerm(this, "knob/" + QString::fromStdString(knob.name));
    setRequested(knob.defaultValue);
    updateBadge();
}

int KnobEditor::labelWidth(const QWidget *widget)
{
    return widget->fontMetrics().horizontalAdvance(QStringLiteral("projector depth w"));
}

void KnobEditor::addLabel(QHBoxLayout *row)
{
    m_label->setText(name());
    m_label->setFixedWidth(labelWidth(this));
    row->addWidget(m_label);
}

void KnobEditor::addNumber(QHBoxLayout *row)
{
    auto *slider = new KnobSlider(m_knob, this);
    auto *spin = new NumberSpin(m_knob.minimum, m_knob.maximum, m_knob.kind == KnobKind::integer, m_knob.logarithmic, this);
    row->addWidget(slider, 1);
    row->addWidget(spin);
    slider->setVisible(m_knob.logarithmic || m_knob.maximum - m_knob.minimum < kMostForSlider);
    m_label->setBuddy(spin);
    setFocusProxy(spin);
    for (QWidget *part : std::initializer_list<QWidget *>{slider, spin})
        part->setAccessibleName(shownName(m_knob.name));
    m_show = [slider, spin](const KnobValue &value) {
        const QSignalBlocker silent(spin);
        spin->setValue(std::get<double>(value));
        slider->setNumber(std::get<double>(value));
    };
    const auto take = [this](double number) {
        setNote({});
        emit edited(number);
    };
    connect(slider, &KnobSlider::numberChanged, this, take);
    connect(spin, &NumberSpin::valueChanged, this, take);
    connect(spin, &NumberSpin::typed, this, [this] { setNote({}); });
    connect(spin, &NumberSpin::refused, this, [this, spin](const QString &text) {
        setNote(tr("“%1” is not within %2 to %3; it stays %4").arg(text).arg(m_knob.minimum).arg(m_knob.maximum).arg(spin->textFromValue(spin->value())));
    });
}

void KnobEditor::addCheck(QHBoxLayout *row)
{
    auto *check = new QCheckBox(this);
    check->setFocusPolicy(Qt::TabFocus); // a click must not take Space away from play and pause
    check->setAccessibleName(shownName(m_knob.name));
    row->addWidget(check, 1);
    m_label->setBuddy(check);
    setFocusProxy(check);
    m_show = [check](const KnobValue &value) {
        const QSignalBlocker silent(check);
        check->setChecked(std::get<bool>(value));
    };
    connect(check, &QCheckBox::toggled, this, [this](bool on) { emit edited(on); });
}

void KnobEditor::addChoice(QHBoxLayout *row)
{
    auto *box = new QComboBox(this);
    for (const std::string &choice : m_knob.choices)
        box->addItem(QString::fromStdString(choice));
    box->setAccessibleName(shownName(m_knob.name));
    guardWheel(box);
    row->addWidget(box, 1);
    m_label->setBuddy(box);
    setFocusProxy(box);
    m_show = [box](const KnobValue &value) {
        const QSignalBlocker silent(box);
        box->setCurrentText(QString::fromStdString(std::get<std::string>(value)));
    };
    connect(box, &QComboBox::currentTextChanged, this, [this](const QString &text) { emit edited(text.toStdString()); });
}

void KnobEditor::setChoices(const std::vector<ChoiceGroup> &groups)
{
    if (auto *box = findChild<QComboBox *>())
        setGroups(box, groups);
}

void KnobEditor::setRequested(const KnobValue &value)
{
    m_show(value);
}

void KnobEditor::setPending(bool pending, const QString &running)
{
    m_pending = pending;
    // A live knob is acknowledged within a step; a second line that comes and goes would only flicker.
    const bool waits = pending && m_knob.effect == KnobEffect::restart;
    m_running->setText(tr("running: %1").arg(running));
    m_running->setVisible(waits);
    updateBadge();
}

void KnobEditor::setNote(const QString &note)
{
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void KnobEditor::setSince(qint64 step)
{
    m_since = step;
    updateBadge();
}

void KnobEditor::updateBadge()
{
    if (m_pending)
        m_badge->show(tr("pending"), Badge::Tone::waiting);
    else if (m_since >= 0)
        m_badge->show(tr("since step %1").arg(m_since), Badge::Tone::done);
    else
        m_badge->show(translated(toText(m_knob.effect)), Badge::Tone::quiet);
}

QString KnobEditor::name() const
{
    const QString symbol = QString::fromStdString(m_knob.symbol);
    return symbol.isEmpty() ? shownName(m_knob.name) : shownName(m_knob.name) + ' ' + symbol;
}

void KnobEditor::setLabel(const QString &text)
{
    m_label->setText(text);
}

LinkButton &KnobEditor::link()
{
    if (!m_link)
        m_row->insertWidget(m_row->indexOf(m_badge), m_link = new LinkButton(this));
    return *m_link;
}

QString KnobEditor::badgeText() const
{
    return m_badge->text();
}

QString KnobEditor::toolTipText() const
{
    const QString name = this->name().toHtmlEscaped();
    QString range;
    if (m_knob.kind == KnobKind::integer || m_knob.kind == KnobKind::real)
        range = tr("%1 to %2, ").arg(m_knob.minimum).arg(m_knob.maximum);
    const QString when = m_knob.effect == KnobEffect::live        ? tr("acts from the next step on")
                         : m_knob.effect == KnobEffect::nextBatch ? tr("acts from the next batch on")
                                                                  : tr("acts after a restart");
    return tr("<p><b>%1</b><br>%2</p><p>%3default %4; %5.</p>")
        .arg(name, translated(m_knob.help).toHtmlEscaped(), range, QString::fromStdString(toText(m_knob.defaultValue)), when);
}

void KnobEditor::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        m_label->setFixedWidth(labelWidth(this));
}

void KnobEditor::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    QAction *reset = menu.addAction(tr("Back to the default, %1").arg(QString::fromStdString(toText(m_knob.defaultValue))));
    if (menu.exec(event->globalPos()) == reset)
        emit edited(m_knob.defaultValue);
}

} // namespace pretext
