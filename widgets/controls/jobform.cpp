#include "widgets/controls/jobform.h"

#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/data/sources/folder.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "widgets/controls/badge.h"
#include "widgets/controls/choicelist.h"
#include "widgets/controls/knobeditor.h"
#include "widgets/controls/wheelguard.h"
#include "widgets/help/glossary.h"
#include "widgets/said.h"
#include "widgets/workbench.h"

#include <QComboBox>
#include <QEvent>
#include <QFileInfo>
#include <QLabel>
#include <QTimer>
#include <QVBoxLayout>

#include <optional>

namespace pretext {

namespace {

constexpr int kTypingMs = 500; // a number that is still being typed or dragged opens nothing

/// Those that the method can train on data of the kind.
std::vector<std::string> encodersFor(const MethodType &method, Modality kind)
{
    std::vector<std::string> names;
    for (const EncoderType &type : encoderTypes())
        if (type.modality == kind && suits(method, type))
            names.push_back(type.name);
    return names;
}

std::vector<ChoiceGroup> methodChoices()
{
    std::vector<ChoiceGroup> groups;
    for (const MethodGroup &group : methodGroups()) {
        ChoiceGroup &shown = groups.emplace_back(ChoiceGroup{translated(titleOf(group.family)), translated(helpOf(group.family)), {}});
        for (const MethodType *type : group.methods)
            shown.choices.push_back({QString::fromStdString(type->name), translated(type->title), translated(type->help)});
    }
    return groups;
}

/// A choice of some of the names there are.
Knob jobChoice(const char *name, std::vector<std::string> choices)
{
    Knob knob = jobKnob(name);
    knob.defaultValue = choices.empty() ? std::string() : choices.front();
    knob.choices = std::move(choices);
    return knob;
}

} // namespace

JobForm::JobForm(Workbench *workbench, Run *run, QWidget *parent)
    : QWidget(parent)
    , m_workbench(workbench)
    , m_run(run)
    , m_request(workbench->requestOf(run))
    , m_data(new QComboBox(this))
    , m_reopen(new QTimer(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    addData(column);
    m_method = addRow(column, jobKnob("method"));
    m_method->setChoices(methodChoices());
    for (const MethodType &method : methodTypes())
        for (const Modality kind : kindsOf(method)) {
            const std::vector<std::string> names = encodersFor(method, kind);
            KnobEditor *&editor = m_encoders[names];
            if (editor)
                continue;
            editor = addRow(column, jobChoice("encoder", names));
            editor->setVisible(m_encoders.size() == 1); // until the data are there, which say whose it is
        }
    m_batch = addRow(column, jobKnob("batch"));
    m_device = addRow(column, jobKnob("device"));
    m_device->setVisible(available(Device::cuda)); // else there is nothing to choose
    m_seed = addRow(column, jobKnob("seed"));
    m_size = addRow(column, jobKnob("size"));
    m_colour = addRow(column, jobKnob("colour"));
    m_imbalance = addRow(column, jobKnob("imbalance"));
    for (KnobEditor *editor : {m_size, m_colour, m_imbalance})
        editor->hide(); // until the data are a folder of images, or have labels
    m_reopen->setSingleShot(true);
    m_reopen->setInterval(kTypingMs);
    connect(m_reopen, &QTimer::timeout, this, [this] { m_workbench->requestDataOptions(m_options); });
}

void JobForm::addData(QVBoxLayout *column)
{
    auto *row = new QHBoxLayout;
    row->setSpacing(6);
    column->addLayout(row);
    m_label = new QLabel(tr("data"), this);
    m_label->setFixedWidth(KnobEditor::labelWidth(this));
    m_label->setBuddy(m_data);
    row->addWidget(m_label);
    guardWheel(m_data);
    row->addWidget(m_data, 1);
    row->addWidget(m_badge = new Badge(this));
    m_badge->show(tr("pending"), Badge::Tone::waiting);
    m_badge->hide(); // nothing is asked for yet
    column->addWidget(m_running = new QLabel(this));
    m_running->hide();
    m_running->setAlignment(Qt::AlignRight);
    m_running->setForegroundRole(QPalette::PlaceholderText);
    m_data->setAccessibleName(tr("data"));
    m_data->setToolTip(translated(jobKnob("data").help));
    for (QWidget *part : std::initializer_list<QWidget *>{m_label, m_data, m_badge, m_running})
        setTerm(part, "knob/data");
    m_data->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(m_data, &QComboBox::activated, this, &JobForm::chooseData);
}

KnobEditor *JobForm::addRow(QVBoxLayout *column, const Knob &knob)
{
    auto *editor = new KnobEditor(knob, this);
    column->addWidget(editor);
    connect(editor, &KnobEditor::edited, this, [this, name = knob.name](const KnobValue &value) { change(name, value); });
    return editor;
}

void JobForm::change(const std::string &field, const KnobValue &value)
{
    if (!m_request->dataset())
        return;
    if (field == "method") {
        changeMethod(std::get<std::string>(value));
        return;
    }
    if (field == "size" || field == "colour" || field == "imbalance") {
        if (!m_reopen->isActive())
            m_options = m_request->config().datasetOptions;
        if (field == "size")
            m_options.size = int(std::get<double>(value));
        else if (field == "colour")
            m_options.colour = std::get<bool>(value);
        else
            m_options.imbalance = std::get<double>(value);
        m_reopen->start();
        return;
    }
    RunConfig config = m_request->config();
    const Dataset &data = *m_request->dataset();
    if (field == "encoder") {
        m_stopgap = {};
        config = adapted(config, data, config.method, std::get<std::string>(value), data);
        config.dataset = m_request->config().dataset; // its path as it was given
    } else if (field == "batch") {
        config.batch = static_cast<int64_t>(std::get<double>(value));
    } else if (field == "device") {
        config.device = std::get<std::string>(value);
    } else {
        config.seed = static_cast<uint64_t>(std::get<double>(value));
    }
    m_request->setConfig(config, QString::fromStdString(field + " = " + toText(value)));
}

/// The one that is there, or that was there until a method came that cannot train it; empty where the method can train neither.
std::string JobForm::encoderFor(const MethodType &method) const
{
    const std::string &asked = m_request->config().encoder;
    const std::string &wished = asked == m_stopgap.instead && suits(method, encoderType(m_stopgap.of)) ? m_stopgap.of : asked;
    return suits(method, encoderType(wished)) ? wished : std::string();
}

/// With the data asked for, else with those of the running job, else with others that are opened first.
void JobForm::changeMethod(const std::string &method)
{
    const RunConfig &asked = m_request->config(), &running = m_run->config();
    const auto fits = [&type = methodType(method)](const std::shared_ptr<const Dataset> &data) { return data && learnsFrom(type, data->info()); };
    const auto data = m_request->dataset(), runs = m_run->dataset();
    const auto propose = [&](const std::shared_ptr<const Dataset> &fitting, const RunConfig &of) {
        RunConfig config = adapted(asked, *data, method, fitting == data ? encoderFor(methodType(method)) : std::string(), *fitting);
        config.dataset = of.dataset;
        if (fitting == data && !suits(methodType(method), encoderType(asked.encoder)))
            m_stopgap = {asked.encoder, config.encoder};
        m_request->setConfig(config, QStringLiteral("method = ") + QString::fromStdString(method), fitting);
    };
    if (fits(data)) {
        propose(data, asked);
    } else if (fits(runs)) {
        method == running.method ? m_request->discardPending() : propose(runs, running);
    } else {
        m_workbench->requestData(QString::fromStdString(firstDataFor(methodType(method))), QString::fromStdString(method));
        update(); // until they have been opened, what was asked for before is what is true
    }
}

void JobForm::chooseData(int index)
{
    const QString name = m_data->itemData(index).toString();
    showData(); // until it has been opened, the running one is what is true
    if (name.toStdString() != m_request->config().dataset)
        m_workbench->requestData(name);
}

void JobForm::showData()
{
    m_data->clear();
    std::optional<Modality> before;
    for (const DatasetType &type : datasetTypes()) {
        if (before && *before != type.modality)
            m_data->insertSeparator(m_data->count());
        before = type.modality;
        m_data->addItem(QString::fromStdString(type.name), QString::fromStdString(type.name));
        m_data->setItemData(m_data->count() - 1, translated(type.help), Qt::ToolTipRole);
    }
    const QString current = QString::fromStdString(m_request->config().dataset);
    if (!current.isEmpty() && m_data->findData(current) < 0)
        m_data->addItem(QFileInfo(current).fileName(), current);
    m_data->insertSeparator(m_data->count());
    m_data->addItem(tr("Open a folder …"), QStringLiteral("folder:"));
    m_data->addItem(tr("Open a file …"), QStringLiteral("file:"));
    m_data->setCurrentIndex(m_data->findData(current));
    const std::string &running = m_run->config().dataset;
    const bool pending = m_run->hasJob() && running != m_request->config().dataset;
    m_badge->setVisible(pending);
    m_running->setVisible(pending);
    m_running->setText(tr("running: %1").arg(QFileInfo(QString::fromStdString(running)).fileName()));
}

void JobForm::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        m_label->setFixedWidth(KnobEditor::labelWidth(this));
}

/// Where the recipe's batch is larger than the data are.
QString JobForm::batchNote() const
{
    const RunConfig &asked = m_request->config();
    const auto data = m_request->dataset();
    if (!data || !trainsOn(methodType(asked.method), data->info().modality))
        return {};
    const int64_t samples = data->size(Split::train), usual = methodType(asked.method).recipe(data->info()).batch;
    if (asked.batch != samples || usual <= samples)
        return {};
    return tr("all %1 samples that there are to train on; the recipe's batch is %2").arg(samples).arg(usual);
}

void JobForm::update()
{
    const RunConfig &asked = m_request->config(), &running = m_run->config();
    const bool job = m_run->hasJob();
    const auto show = [job](KnobEditor *editor, const KnobValue &value, const KnobValue &used) {
        editor->setRequested(value);
        editor->setPending(job && value != used, QString::fromStdString(toText(used)));
    };
    showData();
    show(m_method, asked.method, running.method);
    const std::vector<std::string> encoders = encodersFor(methodType(asked.method), modalityOf(asked));
    for (const auto &[names, editor] : m_encoders)
        editor->setVisible(names == encoders);
    show(m_encoders.at(encoders), asked.encoder, running.encoder);
    show(m_batch, double(asked.batch), double(running.batch));
    m_batch->setNote(batchNote());
    show(m_device, asked.device, running.device);
    show(m_seed, double(asked.seed), double(running.seed));
    const auto data = m_request->dataset();
    for (KnobEditor *editor : {m_size, m_colour})
        editor->setVisible(data && isResized(*data));
    m_imbalance->setVisible(data && hasClasses(data->info()) && modalityType(data->info().modality).shaped);
    if (m_reopen->isActive())
        return; // what is being typed stays
    show(m_size, double(asked.datasetOptions.size), double(running.datasetOptions.size));
    show(m_colour, asked.datasetOptions.colour, running.datasetOptions.colour);
    show(m_imbalance, asked.datasetOptions.imbalance, running.datasetOptions.imbalance);
}

} // namespace pretext
