#include "widgets/sweeps/sweepform.h"

#include "core/engine/sweptsetting.h"
#include "core/files/messagetext.h"
#include "widgets/help/glossary.h"
#include "widgets/request.h"
#include "widgets/sweeps/commandtext.h"
#include "widgets/wraplayout.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

enum SweepChoice { everyCombination, drawn };
enum SweepUnit { inSteps, inMinutes };
const QString kOfAll = QStringLiteral("learning_rate"); // a setting that every method has

} // namespace

SweepForm::SweepForm(Request *request, QWidget *parent)
    : QWidget(parent)
    , m_request(request)
    , m_rowsLayout(new QVBoxLayout)
    , m_choice(new QComboBox(this))
    , m_unit(new QComboBox(this))
    , m_count(new QSpinBox(this))
    , m_halving(new QSpinBox(this))
    , m_grace(new QSpinBox(this))
    , m_halves(new QCheckBox(tr("Halving: the best one goes on, of"), this))
    , m_stops(new QCheckBox(tr("Stop early, after looks:"), this))
    , m_length(new QDoubleSpinBox(this))
    , m_words(new QLabel(this))
    , m_command(new CommandText(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(2, 2, 2, 2);
    column->setSpacing(4);
    m_rowsLayout->setSpacing(3);
    column->addLayout(m_rowsLayout);
    auto *add = new QToolButton(this);
    add->setText(tr("Add a setting"));
    connect(add, &QToolButton::clicked, this, [this] { addRow({}); });
    auto *line = new WrapLayout;
    line->addWidget(add);
    line->addWidget(makeTrials());
    line->addWidget(makeLength());
    column->addLayout(line);
    column->addLayout(makeEnds());
    m_words->setWordWrap(true);
    m_command->setAccessibleName(tr("In a terminal"));
    m_command->setToolTip(tr("The same trials, in a terminal: the line can be copied from here."));
    column->addWidget(m_words);
    column->addWidget(makeCommand());
    column->addStretch(1);
    setTerm(this, "part/new sweep");
    connect(request, &Request::configRequested, this, &SweepForm::takeConfig);
    takeConfig();
}

/// What Controls show is known only once data were opened; another method has other knobs.
void SweepForm::takeConfig()
{
    const KnobSet &knobs = m_request->config().knobs;
    if (m_rows.empty() && !knobs.declarations().empty())
        addRow(knobs.find("temperature") ? QStringLiteral("temperature") : kOfAll);
    for (const Row &row : m_rows)
        refill(row);
    plan();
}

/// A setting that another method has not makes room for one that all have, and comes back with its values as soon as it is there again.
void SweepForm::refill(const Row &row)
{
    constexpr const char *kGone = "gone"; // the setting, its values, and what stands in their place
    const QString before = row.setting->currentText();
    fillSettings(row.setting);
    const QSignalBlocker quiet(row.setting);
    const QStringList gone = row.setting->property(kGone).toStringList();
    if (row.setting->findText(before) < 0) {
        const QString values = row.values->text();
        row.setting->setCurrentText(kOfAll);
        suggest(row);
        if (gone.isEmpty())
            row.setting->setProperty(kGone, QStringList{before, values, row.values->text()});
    } else if (!gone.isEmpty() && (before != kOfAll || row.values->text() != gone[2])) {
        row.setting->setProperty(kGone, {}); // the user has gone on with another
    } else if (!gone.isEmpty() && row.setting->findText(gone[0]) >= 0) {
        row.setting->setCurrentText(gone[0]);
        row.values->setText(gone[1]);
        row.setting->setProperty(kGone, {});
    }
}

/// What belongs together, and stays in one row.
QWidget *SweepForm::together(std::initializer_list<QWidget *> parts)
{
    auto *group = new QWidget(this);
    auto *row = new QHBoxLayout(group);
    row->setContentsMargins(0, 0, 0, 0);
    for (QWidget *part : parts)
        row->addWidget(part);
    group->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return group;
}

QWidget *SweepForm::makeCommand()
{
    auto *copy = new QToolButton(this);
    copy->setText(tr("Copy"));
    copy->setToolTip(tr("Copies the line, to be pasted into a terminal."));
    connect(copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_command->toPlainText()); });
    m_terminal = new QWidget(this);
    auto *column = new QVBoxLayout(m_terminal);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto *row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("In a terminal:"), m_terminal));
    row->addWidget(copy);
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_command);
    return m_terminal;
}

QWidget *SweepForm::makeTrials()
{
    m_choice->addItems({tr("Every combination"), tr("Drawn at random:")});
    m_choice->setToolTip(
        tr("Which trials there are: each value with each, or so many that are drawn, which may be of ranges: 0.05..0.5, or .. for all of it."));
    m_choice->setAccessibleName(tr("trials"));
    m_count->setRange(1, int(kMostTrials));
    m_count->setValue(20);
    m_count->setAccessibleName(tr("trials drawn"));
    connect(m_choice, &QComboBox::currentIndexChanged, this, &SweepForm::plan);
    connect(m_count, &QSpinBox::valueChanged, this, &SweepForm::plan);
    return together({m_choice, m_count});
}

/// Which trials do not take all steps.
QLayout *SweepForm::makeEnds()
{
    auto *row = new WrapLayout;
    m_halving->setRange(2, 100);
    m_halving->setValue(3);
    m_halves->setToolTip(tr("All trials take a part of the steps, the best one of so many by kNN goes on to so many times as many, and so on."));
    m_halving->setToolTip(m_halves->toolTip());
    m_halving->setAccessibleName(m_halves->text());
    m_grace->setRange(1, 100);
    m_grace->setValue(3);
    m_stops->setToolTip(tr("A trial ends at a look, after so many, where its best kNN is below the median of what at least 3 others had by that step."));
    m_grace->setToolTip(m_stops->toolTip());
    m_grace->setAccessibleName(m_stops->text());
    const QString one = tr("Halving ends trials itself: of the two, what is ticked last holds.");
    for (QCheckBox *box : {m_halves, m_stops})
        box->setToolTip(box->toolTip() + u' ' + one);
    row->addWidget(together({m_halves, m_halving}));
    row->addWidget(together({m_stops, m_grace}));
    for (QSpinBox *number : {m_halving, m_grace})
        connect(number, &QSpinBox::valueChanged, this, &SweepForm::plan);
    connect(m_halves, &QCheckBox::toggled, this, [this](bool on) {
        if (on)
            m_stops->setChecked(false); // halving ends trials itself
        plan();
    });
    connect(m_stops, &QCheckBox::toggled, this, [this](bool on) {
        if (on)
            m_halves->setChecked(false);
        plan();
    });
    return row;
}

QWidget *SweepForm::makeLength()
{
    auto *label = new QLabel(tr("A trial takes"), this);
    m_length->setRange(0.1, 1e6);
    m_length->setAccessibleName(label->text());
    m_unit->addItems({tr("steps"), tr("minutes")});
    m_unit->setAccessibleName(tr("unit"));
    m_unit->setToolTip(tr("Minutes: as many steps as the first trial could take in so many, the same for all, so that they compare."));
    const auto fit = [this] {
        const bool steps = m_unit->currentIndex() == inSteps;
        m_length->setDecimals(steps ? 0 : 1);
        m_length->setSingleStep(steps ? 100 : 1);
    };
    fit();
    m_length->setValue(500);
    connect(m_length, &QDoubleSpinBox::valueChanged, this, &SweepForm::plan);
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this, fit](int unit) {
        fit();
        m_length->setValue(unit == inSteps ? 500 : 2);
        plan();
    });
    return together({label, m_length, m_unit});
}

void SweepForm::fillSettings(QComboBox *box) const
{
    const QSignalBlocker quiet(box);
    const QString before = box->currentText();
    box->clear();
    for (const std::string &name : sweepableSettings(m_request->config()))
        box->addItem(QString::fromStdString(name));
    box->insertSeparator(int(kSweptFields.size()));
    box->setCurrentIndex(std::max(0, box->findText(before)));
}

void SweepForm::addRow(const QString &setting)
{
    Row row{new QWidget(this), new QComboBox, new QLineEdit};
    auto *line = new WrapLayout(row.widget);
    row.setting->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    row.setting->setAccessibleName(tr("setting"));
    row.setting->setToolTip(tr("What differs between trials; all else is as Controls show it."));
    row.values->setAccessibleName(tr("values"));
    row.values->setPlaceholderText(tr("values with commas between them, or a range: 0.05..0.5"));
    auto *remove = new QToolButton;
    remove->setText(tr("Remove"));
    line->addWidget(row.setting);
    line->addWidget(row.values);
    line->addWidget(remove);
    m_rowsLayout->addWidget(row.widget);
    m_rows.push_back(row);
    fillSettings(row.setting);
    if (const int index = row.setting->findText(setting.isEmpty() ? kOfAll : setting); index >= 0) {
        const QSignalBlocker quiet(row.setting);
        row.setting->setCurrentIndex(index);
    }
    suggest(row);
    connect(row.setting, &QComboBox::currentIndexChanged, this, [this, row] { suggest(row); });
    connect(row.values, &QLineEdit::textChanged, this, &SweepForm::plan);
    connect(remove, &QToolButton::clicked, this, [this, widget = row.widget] { removeRow(widget); });
    plan();
}

/// Values around the run's own, and in the tip all that there are.
void SweepForm::suggest(const Row &row)
{
    const std::string setting = row.setting->currentText().toStdString();
    QStringList names;
    for (const std::string &name : namesFor(m_request->config(), setting))
        names << QString::fromStdString(name);
    row.values->setToolTip(names.isEmpty()
                               ? tr("Values with commas between them; or, for trials that are drawn, a range LEAST..MOST, whose ends may be left out.")
                               : tr("Values with commas between them, of these: %1.").arg(names.join(u", "_qs)));
    row.values->setText(QString::fromStdString(valuesAround(m_request->config(), setting)));
}

void SweepForm::removeRow(QWidget *row)
{
    std::erase_if(m_rows, [row](const Row &one) { return one.widget == row; });
    row->deleteLater();
    plan();
}

SweepRequest SweepForm::asked() const
{
    SweepRequest asked;
    asked.seed = m_request->config().seed;
    for (const Row &row : m_rows) {
        asked.settings.emplace_back(row.setting->currentText().toStdString(), row.values->text().remove(' ').toStdString());
        if (asked.settings.back().first == "seed")
            asked.seed = SweepRequest().seed; // trials have their own
    }
    asked.random = m_choice->currentIndex() == drawn ? m_count->value() : 0;
    asked.halving = m_halves->isChecked() ? m_halving->value() : 0;
    asked.grace = m_stops->isChecked() ? m_grace->value() : 0;
    if (m_unit->currentIndex() == inSteps)
        asked.steps = int64_t(m_length->value());
    else
        asked.minutes = m_length->value();
    return asked;
}

QStringList SweepForm::arguments() const
{
    QStringList words;
    for (const std::string &word : sweepWords(asked(), m_request->config(), *m_request->dataset()))
        words << QString::fromStdString(word);
    return words;
}

void SweepForm::setPace(double secondsPerStep)
{
    if (m_pace == secondsPerStep)
        return;
    m_pace = secondsPerStep;
    tell();
}

/// What comes of the form as it is now, or why nothing does.
void SweepForm::plan()
{
    m_count->setEnabled(m_choice->currentIndex() == drawn);
    m_halving->setEnabled(m_halves->isChecked());
    m_grace->setEnabled(m_stops->isChecked());
    m_planned.reset();
    m_problem.clear();
    if (const std::shared_ptr<const Dataset> dataset = m_request->dataset()) {
        try {
            Sweep planned = sweepOf(asked(), *dataset, trialsOf(m_request->config(), *dataset));
            rungsOf(planned);
            m_planned = std::move(planned);
        } catch (const std::exception &error) {
            m_problem = QString::fromStdString(forReader(error.what()));
        }
    }
    tell();
    emit changed();
}

void SweepForm::tell()
{
    m_words->setText(m_planned ? planInWords(*m_planned, m_pace) : m_problem);
    m_terminal->setVisible(m_planned.has_value());
    if (m_planned)
        m_command->setLine(QString::fromStdString(sweepLine(asked(), m_request->config(), *m_request->dataset())));
}

} // namespace pretext
