#include "widgets/controls/jobform.h"

#include "core/ssl/method.h"
#include "widgets/controls/knobeditor.h"
#include "widgets/controls/wheelguard.h"
#include "widgets/trainingcontroller.h"

#include <QComboBox>
#include <QEvent>
#include <QFileInfo>
#include <QLabel>
#include <QVBoxLayout>

namespace pretext {

namespace {

template<class Type>
std::vector<std::string> namesOf(const std::vector<Type> &types)
{
    std::vector<std::string> names;
    for (const Type &type : types)
        names.push_back(type.name);
    return names;
}

Knob choiceKnob(const char *name, std::vector<std::string> choices, const char *help)
{
    Knob knob;
    knob.name = name;
    knob.kind = KnobKind::choice;
    knob.defaultValue = choices.empty() ? std::string() : choices.front();
    knob.choices = std::move(choices);
    knob.effect = KnobEffect::restart;
    knob.help = help;
    return knob;
}

Knob wholeKnob(const char *name, double minimum, double maximum, bool logarithmic, double value, const char *help)
{
    Knob knob;
    knob.name = name;
    knob.kind = KnobKind::integer;
    knob.minimum = minimum;
    knob.maximum = maximum;
    knob.logarithmic = logarithmic;
    knob.defaultValue = value;
    knob.effect = KnobEffect::restart;
    knob.help = help;
    return knob;
}

} // namespace

JobForm::JobForm(TrainingController *controller, QWidget *parent)
    : QWidget(parent)
    , m_controller(controller)
    , m_data(new QComboBox(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    addData(column);
    m_method = addRow(column, choiceKnob("method", namesOf(methodTypes()), "What the encoder is taught by: the task that needs no labels."));
    m_encoder = addRow(column, choiceKnob("encoder", namesOf(encoderTypes()), "The network that is trained; it maps an image to its embedding."));
    m_batch = addRow(column, wholeKnob("batch", 2, 4096, true, 256,
        "Samples in a step. In contrastive learning every other view of the batch is a negative, so a larger batch asks harder questions."));
    m_seed = addRow(column, wholeKnob("seed", 0, 999999, false, 1,
        "Decides the initial weights, the order of the samples and every augmentation: the same seed gives the same run."));
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
    m_data->setAccessibleName(tr("data"));
    m_data->setToolTip(tr("The images to learn from. Labels, where there are any, only colour the views and score the result."));
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
    if (!m_controller->dataset())
        return;
    RunConfig config = m_controller->config();
    if (field == "method")
        config.method = std::get<std::string>(value);
    else if (field == "encoder")
        config.encoder = std::get<std::string>(value);
    else if (field == "batch")
        config.batch = static_cast<int64_t>(std::get<double>(value));
    else
        config.seed = static_cast<uint64_t>(std::get<double>(value));
    if (field == "method" || field == "encoder")
        config = reconfigured(config, config.method, config.encoder, config.dataset, m_controller->dataset()->info());
    m_controller->setConfig(config, QString::fromStdString(field + " = " + toText(value)));
}

void JobForm::chooseData(int index)
{
    const QString name = m_data->itemData(index).toString();
    showData(); // until it has been opened, the running one is what is true
    if (name.toStdString() != m_controller->config().dataset)
        m_controller->requestData(name);
}

void JobForm::showData()
{
    m_data->clear();
    for (const DatasetType &type : datasetTypes()) {
        m_data->addItem(QString::fromStdString(type.name), QString::fromStdString(type.name));
        m_data->setItemData(m_data->count() - 1, QString::fromStdString(type.help), Qt::ToolTipRole);
    }
    const QString current = QString::fromStdString(m_controller->config().dataset);
    if (!current.isEmpty() && m_data->findData(current) < 0)
        m_data->addItem(QFileInfo(current).fileName(), current);
    m_data->insertSeparator(m_data->count());
    m_data->addItem(tr("Open a folder …"), QStringLiteral("folder:"));
    m_data->addItem(tr("Open a file …"), QStringLiteral("file:"));
    m_data->setCurrentIndex(m_data->findData(current));
}

void JobForm::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        m_label->setFixedWidth(KnobEditor::labelWidth(this));
}

void JobForm::update()
{
    const RunConfig &asked = m_controller->config(), &running = m_controller->runningConfig();
    const bool job = m_controller->hasJob();
    const auto show = [job](KnobEditor *editor, const KnobValue &value, const KnobValue &used) {
        editor->setRequested(value);
        editor->setPending(job && value != used, QString::fromStdString(toText(used)));
    };
    showData();
    show(m_method, asked.method, running.method);
    show(m_encoder, asked.encoder, running.encoder);
    show(m_batch, double(asked.batch), double(running.batch));
    show(m_seed, double(asked.seed), double(running.seed));
}

} // namespace pretext
