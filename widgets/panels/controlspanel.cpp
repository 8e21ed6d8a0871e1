// Controls: the job, then every knob it declares, each with a badge that says whether its value has taken effect.
#include "core/ssl/method.h"
#include "widgets/controls/jobform.h"
#include "widgets/controls/knobgroup.h"
#include "widgets/controls/linkbutton.h"
#include "widgets/controls/restartbar.h"
#include "widgets/controls/sidebysidebar.h"
#include "widgets/controls/startbar.h"
#include "widgets/controls/thenbar.h"
#include "widgets/controls/transport.h"
#include "widgets/panel.h"
#include "widgets/workbench.h"

#include <QCoreApplication>
#include <QEvent>
#include <QScrollArea>
#include <QStyle>
#include <QToolTip>
#include <QVBoxLayout>

#include <stdexcept>

namespace pretext {

namespace {

/// Whether the group holds what the method's task is made of and can be changed at any time: how much is masked, say.
bool isOfTheTask(const std::string &method, const std::string &group)
{
    const std::vector<Knob> knobs = methodType(method).knobs({});
    return std::any_of(knobs.begin(), knobs.end(), [&](const Knob &knob) { return knob.name.starts_with(group + '.') && knob.effect != KnobEffect::restart; });
}

} // namespace

class ControlsPanel : public Panel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ControlsPanel)
public:
    explicit ControlsPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }
    QString csv() const override;

protected:
    bool event(QEvent *event) override;

private:
    void fitWidth();
    void showWhose();
    void connectRun();
    void rebuild();
    void addKnob(const Knob &knob, const KnobSet &knobs, QVBoxLayout *column);
    KnobGroup *groupFor(const std::string &group, const KnobSet &knobs, QVBoxLayout *column);
    void showConfig();
    void showKnob(const std::string &name);
    void showIdle(const std::string &group);
    void showSince(const std::string &name, qint64 step);
    void forgetSteps();
    void followOther();
    void edit(const std::string &name, KnobEditor *editor, Request &of, const KnobValue &value);
    void addOther(const Knob &knob, KnobEditor *editor, QVBoxLayout *column);
    void showOther(const std::string &name);
    void showOthers();

    JobForm *m_form;
    RestartBar *m_restart;
    QScrollArea *m_scroll;
    std::vector<Knob> m_declared; // what the rows were built from
    std::map<std::string, KnobEditor *> m_editors;
    std::map<std::string, KnobGroup *> m_groups;
    SideBySide *m_together = nullptr;             // while another run stands beside this one
    std::map<std::string, KnobEditor *> m_others; // that one's, of knobs that can be linked
};

ControlsPanel::ControlsPanel(const PanelContext &context)
    : Panel(context)
    , m_form(new JobForm(&workbench(), &run()))
    , m_restart(new RestartBar(&request(), this))
    , m_scroll(new QScrollArea(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(6, 4, 2, 4);
    column->setSpacing(4);
    column->addWidget(new Transport(&request(), this));
    column->addWidget(new ThenBar(&run(), this));
    column->addWidget(new SideBySideBar(&workbench(), this));
    column->addWidget(new StartBar(&run(), this));
    column->addWidget(m_restart);
    column->addWidget(m_scroll, 1);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connectRun();
    rebuild();
}

void ControlsPanel::connectRun()
{
    connect(&request(), &Request::configRequested, this, &ControlsPanel::showConfig);
    connect(&run(), &Run::jobStarted, this, [this] {
        forgetSteps();
        showConfig();
    });
    connect(&request(), &Request::knobRequested, this, [this](const QString &name) { showKnob(name.toStdString()); });
    connect(&run(), &Run::knobAcknowledged, this, [this](const QString &name, qint64 step) {
        showKnob(name.toStdString());
        showSince(name.toStdString(), step);
    });
    connect(&run(), &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "rewind") // knobs stay as they are, from the first step on
            forgetSteps();
    });
    connect(&workbench(), &Workbench::sideBySideChanged, this, &ControlsPanel::followOther);
}

void ControlsPanel::followOther()
{
    m_together = workbench().sideBySide();
    if (m_together) {
        Request *other = m_together->request(m_together->right());
        connect(m_together, &SideBySide::linksChanged, this, &ControlsPanel::showOthers);
        connect(other, &Request::knobRequested, m_together, [this](const QString &name) { showOther(name.toStdString()); });
        connect(other, &Request::configRequested, m_together, [this] { rebuild(); });
        connect(m_together->right(), &Run::knobAcknowledged, m_together, [this](const QString &name, qint64 step) {
            showOther(name.toStdString());
            if (const auto editor = m_others.find(name.toStdString()); editor != m_others.end())
                editor->second->setSince(step);
        });
        connect(m_together->right(), &Run::eventHappened, m_together, [this](const Event &event) {
            for (const auto &[name, editor] : m_others)
                if (event.kind == "rewind")
                    editor->setSince(-1);
        });
    }
    rebuild();
}

void ControlsPanel::rebuild()
{
    const KnobSet &knobs = request().config().knobs;
    m_declared = knobs.declarations();
    m_editors.clear();
    m_groups.clear();
    m_others.clear();
    if (QWidget *old = m_scroll->takeWidget()) {
        m_form->setParent(nullptr);
        old->deleteLater(); // a row may be in the middle of its own signal
    }
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 4, 0);
    column->setSpacing(2);
    column->addWidget(m_form);
    for (const Knob &knob : m_declared)
        addKnob(knob, knobs, column);
    column->addStretch(1);
    m_scroll->setWidget(content);
    m_form->setEnabled(!m_together);
    m_form->setToolTip(m_together ? tr("What needs a restart can be changed once one of the two runs is alone again.") : QString());
    showOthers();
    showWhose();
    fitWidth();
}

/// Another process's settings are there to be read.
void ControlsPanel::showWhose()
{
    const bool others = request().isWatching();
    m_scroll->widget()->setEnabled(!others);
    m_scroll->setToolTip(others ? tr("The settings of a run that another process trains, as they are in force there; they cannot be changed from here.")
                                : QString());
}

void ControlsPanel::fitWidth()
{
    // Nothing is cut off, also when the scroll bar shows.
    m_scroll->setMinimumWidth(m_scroll->widget()->minimumSizeHint().width() + m_scroll->style()->pixelMetric(QStyle::PM_ScrollBarExtent));
}

bool ControlsPanel::event(QEvent *event)
{
    if (event->type() == QEvent::LayoutRequest)
        fitWidth(); // rows grow with the font
    return Panel::event(event);
}

void ControlsPanel::addKnob(const Knob &knob, const KnobSet &knobs, QVBoxLayout *column)
{
    const size_t dot = knob.name.find('.');
    const std::string group = knob.name.substr(0, dot);
    const bool heads = dot == std::string::npos && knob.kind == KnobKind::boolean
                       && std::any_of(m_declared.begin(), m_declared.end(), [&](const Knob &other) { return other.name.starts_with(group + '.'); });
    KnobEditor *editor = nullptr;
    if (heads) {
        groupFor(group, knobs, column);
        return;
    }
    if (dot == std::string::npos) {
        editor = new KnobEditor(knob);
        column->addWidget(editor);
    } else {
        editor = groupFor(group, knobs, column)->add(knob);
    }
    m_editors[knob.name] = editor;
    connect(editor, &KnobEditor::edited, this, [this, name = knob.name, editor](const KnobValue &value) { edit(name, editor, request(), value); });
    showKnob(knob.name);
    if (m_together)
        addOther(knob, editor, column);
}

void ControlsPanel::edit(const std::string &name, KnobEditor *editor, Request &of, const KnobValue &value)
{
    try {
        of.setKnob(name, value);
    } catch (const std::invalid_argument &contradiction) { // with another knob's value
        showKnob(name);
        showOther(name);
        QToolTip::showText(editor->mapToGlobal(QPoint(0, editor->height())), QString::fromUtf8(contradiction.what()), editor);
    }
}

/// The right run's value has a row below, where it is not linked. What needs a restart waits until one of the two is alone.
void ControlsPanel::addOther(const Knob &knob, KnobEditor *editor, QVBoxLayout *column)
{
    Request *other = m_together->request(m_together->right());
    if (!m_together->canLink(knob.name)) {
        editor->setEnabled(false);
        editor->link().hide();
        if (const KnobSet &knobs = other->config().knobs; knobs.find(knob.name) && knobs.value(knob.name) != request().config().knobs.value(knob.name))
            editor->setNote(tr("right: %1").arg(QString::fromStdString(toText(knobs.value(knob.name)))));
        return;
    }
    KnobEditor *twin = nullptr;
    if (const size_t dot = knob.name.find('.'); dot == std::string::npos)
        column->addWidget(twin = new KnobEditor(knob));
    else
        twin = groupFor(knob.name.substr(0, dot), request().config().knobs, column)->add(knob);
    twin->link().hide();
    m_others[knob.name] = twin;
    twin->setLabel(sideMark(true, palette()) + tr("right").toHtmlEscaped());
    connect(twin, &KnobEditor::edited, this, [this, name = knob.name, twin, other](const KnobValue &value) { edit(name, twin, *other, value); });
    connect(&editor->link(), &LinkButton::linkAsked, m_together, [this, name = knob.name](bool linked) { m_together->setLinked(name, linked); });
}

void ControlsPanel::showOthers()
{
    for (const Knob &knob : m_declared)
        showOther(knob.name);
}

void ControlsPanel::showOther(const std::string &name)
{
    if (!m_together || !m_together->canLink(name))
        return;
    const Request &other = *m_together->request(m_together->right());
    const bool linked = m_together->isLinked(name);
    if (const auto twin = m_others.find(name); twin != m_others.end()) {
        KnobEditor *editor = m_editors.at(name);
        editor->link().setLinked(linked);
        editor->setLabel((linked ? QString() : sideMark(false, palette())) + editor->name().toHtmlEscaped());
        twin->second->setRequested(other.config().knobs.value(name));
        twin->second->setPending(other.isPending(name), QString());
        twin->second->setVisible(!linked);
        showIdle(name);
    } else if (const auto group = m_groups.find(name); group != m_groups.end()) {
        group->second->link().setLinked(linked);
        group->second->setOther(!linked, other.config().knobs.boolean(name));
    }
}

KnobGroup *ControlsPanel::groupFor(const std::string &group, const KnobSet &knobs, QVBoxLayout *column)
{
    KnobGroup *&widget = m_groups[group];
    if (widget)
        return widget;
    const Knob *named = knobs.find(group);
    const Knob *head = named && named->kind == KnobKind::boolean ? named : nullptr;
    widget = new KnobGroup(shownName(group), head);
    widget->setFolded(!isOfTheTask(request().config().method, group) && !(named && !head)); // a choice's own numbers stand open below it
    column->addWidget(widget);
    if (head) {
        connect(widget, &KnobGroup::switched, this, [this, group](bool on) { request().setKnob(group, on); });
        if (m_together && m_together->canLink(group)) {
            connect(widget, &KnobGroup::otherSwitched, m_together, [this, group](bool on) { m_together->request(m_together->right())->setKnob(group, on); });
            connect(&widget->link(), &LinkButton::linkAsked, m_together, [this, group](bool linked) { m_together->setLinked(group, linked); });
        }
        showKnob(group);
    }
    showIdle(group);
    return widget;
}

void ControlsPanel::showConfig()
{
    const auto &declared = request().config().knobs.declarations();
    const bool same = std::equal(declared.begin(), declared.end(), m_declared.begin(), m_declared.end(),
                                 [](const Knob &a, const Knob &b) { return a.name == b.name && a.minimum == b.minimum && a.maximum == b.maximum; });
    if (!same)
        rebuild();
    showWhose();
    m_form->update();
    for (const Knob &knob : m_declared)
        showKnob(knob.name);
}

void ControlsPanel::showKnob(const std::string &name)
{
    const KnobSet &asked = request().config().knobs, &running = run().config().knobs;
    if (!asked.find(name))
        return;
    const bool pending = request().isPending(name);
    if (auto editor = m_editors.find(name); editor != m_editors.end()) {
        editor->second->setRequested(asked.value(name));
        editor->second->setPending(pending, running.find(name) ? QString::fromStdString(toText(running.value(name))) : tr("none"));
    } else if (auto group = m_groups.find(name); group != m_groups.end()) {
        group->second->setSwitch(asked.boolean(name));
        group->second->setSwitchPending(pending);
    }
    showIdle(name);
}

/// A choice of "none" leaves the numbers of that name nothing to do, unless the run beside this one chose otherwise.
void ControlsPanel::showIdle(const std::string &group)
{
    const auto isNone = [&group](const Request &of) {
        const KnobSet &knobs = of.config().knobs;
        return knobs.find(group) && knobs.value(group) == KnobValue(std::string("none"));
    };
    const Knob *named = request().config().knobs.find(group);
    if (const auto widget = m_groups.find(group); widget != m_groups.end() && named && named->kind == KnobKind::choice)
        widget->second->setIdle(isNone(request()) && (!m_together || isNone(*m_together->request(m_together->right()))));
}

void ControlsPanel::showSince(const std::string &name, qint64 step)
{
    if (auto editor = m_editors.find(name); editor != m_editors.end())
        editor->second->setSince(step);
    else if (auto group = m_groups.find(name); group != m_groups.end())
        group->second->setSwitchSince(step);
}

void ControlsPanel::forgetSteps()
{
    for (const Knob &knob : m_declared)
        showSince(knob.name, -1);
    if (!m_together)
        for (const auto &[name, editor] : m_editors)
            editor->setNote({}); // what was refused in the job before
}

QString ControlsPanel::csv() const
{
    QString text = QStringLiteral("knob,requested,running,effect\n");
    const KnobSet &running = run().config().knobs;
    for (const Knob &knob : m_declared)
        text +=
            QStringLiteral("%1,%2,%3,%4\n")
                .arg(QString::fromStdString(knob.name), QString::fromStdString(toText(request().config().knobs.value(knob.name))),
                     running.find(knob.name) ? QString::fromStdString(toText(running.value(knob.name))) : QString(), QString::fromUtf8(toText(knob.effect)));
    return text;
}

Panel *makeControlsPanel(const PanelContext &context)
{
    return new ControlsPanel(context);
}

} // namespace pretext
