#include "widgets/panels/evaluationbar.h"

#include "core/analysis/modalityanalysis.h"
#include "core/analysis/scoretables.h"
#include "core/analysis/supervised.h"
#include "core/data/modalitytype.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>

#include <algorithm>
#include <optional>

namespace pretext {

namespace {

constexpr int kLeastComboWidth = 56;

} // namespace

EvaluationBar::EvaluationBar(QWidget *parent)
    : QWidget(parent)
    , m_button(new QPushButton)
    , m_baselines(new QCheckBox(tr("Baselines")))
    , m_supervised(new QCheckBox(tr("Supervised")))
    , m_finetuning(new QCheckBox(tr("Fine-tuning")))
    , m_join(new QPushButton(tr("Join runs …")))
    , m_alone(new QPushButton(tr("Alone")))
    , m_joining(new QComboBox)
    , m_what(new QComboBox)
    , m_confused(new QComboBox)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    m_what->addItems({tr("Scores"), tr("Confusion")});
    m_joining->addItems({tr("averaged"), tr("side by side")});
    m_baselines->setChecked(true);
    describe();
    for (QComboBox *box : {m_what, m_confused}) { // which may be cut, so that all fits into a narrow window
        box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMinimumWidth(kLeastComboWidth);
    }
    for (QWidget *tool : std::initializer_list<QWidget *>{m_button, m_what, m_confused, m_baselines, m_supervised, m_finetuning, m_join, m_joining, m_alone})
        row->addWidget(tool);
    row->addStretch(1);
    connect(m_button, &QPushButton::clicked, this, &EvaluationBar::asked);
    connect(m_what, &QComboBox::currentIndexChanged, this, &EvaluationBar::showChoices);
    connect(m_confused, &QComboBox::activated, this, &EvaluationBar::showChoices);
    connect(m_join, &QPushButton::clicked, this, &EvaluationBar::chooseOther);
    connect(m_alone, &QPushButton::clicked, this, [this] {
        m_others.clear();
        join({});
    });
    join({});
    setWorking(false);
}

void EvaluationBar::describe()
{
    m_baselines->setToolTip(tr("Judges beside it what needs no learning: raw pixels, PCA and the encoder with its initial weights; of text "
                               "TF-IDF and the initial weights. Without them it takes about a quarter of the time."));
    m_supervised->setToolTip(tr("Of images with labels: trains the same encoder from the start with them, for %1 steps, to say what the labels would have "
                                "given. It takes a minute or so, and is kept for the next time.")
                                 .arg(kSupervisedSteps));
    m_finetuning->setToolTip(
        tr("Trains encoder and a linear layer on 1, 10, 100 and all labels a class, from the run's weights and from the initial ones, and judges "
           "probes that are told as many. It takes half a minute or so of images, minutes of text."));
    m_what->setAccessibleName(tr("What is shown"));
    m_what->setToolTip(tr("Scores by every kind of features, or which classes are taken for which: a cell of that matrix shows its held-out samples."));
    m_confused->setAccessibleName(tr("Whose guesses"));
    m_confused->setToolTip(tr("Features, label, and who guesses it by them: the nearest neighbours or a linear probe."));
    m_join->setToolTip(tr("Judges another run's encoder together with this one, as one encoder; run folders can be dropped here, too. Two that learned by "
                          "different methods often know different things."));
    m_joining->setAccessibleName(tr("How embeddings are joined"));
    m_joining->setToolTip(tr("The embeddings, each of unit length, are averaged, for which they need as many dimensions, or put side by side."));
    m_alone->setToolTip(tr("Judges this run alone again."));
}

void EvaluationBar::setData(const Dataset *data)
{
    m_canBeSupervised = data && learnsFrom(methodType("supervised"), data->info());
    m_canBeFinetuned = data && hasClasses(data->info()) && modalityType(data->info().modality).analysis->finetune;
    m_supervised->setVisible(m_canBeSupervised);
    m_finetuning->setVisible(m_canBeFinetuned);
}

EvaluationOptions EvaluationBar::options() const
{
    return {.baselines = m_baselines->isChecked(),
            .supervisedSteps = m_supervised->isChecked() && m_canBeSupervised ? kSupervisedSteps : 0,
            .finetuneSteps = m_finetuning->isChecked() && m_canBeFinetuned && m_baselines->isChecked() ? std::nullopt : std::optional(0),
            .firstLook = true};
}

void EvaluationBar::setWorking(bool working)
{
    m_button->setText(working ? tr("Stop evaluating") : tr("Evaluate now"));
    m_button->setToolTip(working ? tr("Gives the evaluation up; what is known by then is shown.")
                                 : tr("Saves a checkpoint and judges its encoder: the better its features are, the better their nearest neighbours and a "
                                      "linear layer on them know the labels that training never saw. Training goes on meanwhile."));
}

void EvaluationBar::setReady(bool ready)
{
    m_button->setEnabled(ready);
}

void EvaluationBar::chooseOther()
{
    auto *dialog = new QFileDialog(this, tr("The folder of a run to join"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { join({folder}); });
    dialog->open();
}

void EvaluationBar::join(const QStringList &folders)
{
    for (const QString &folder : folders) {
        const std::filesystem::path path = std::filesystem::path(folder.toStdString()).lexically_normal();
        if (std::find(m_others.begin(), m_others.end(), path) == m_others.end())
            m_others.push_back(path);
    }
    m_joining->setVisible(!m_others.empty());
    m_alone->setVisible(!m_others.empty());
}

Joining EvaluationBar::joining() const
{
    return Joining(std::max(0, m_joining->currentIndex()));
}

bool EvaluationBar::wantsConfusion() const
{
    return m_what->currentIndex() == 1;
}

void EvaluationBar::setConfusions(const std::vector<EvaluationRow> &rows)
{
    const QString chosen = m_confused->currentText();
    m_confused->clear();
    for (const EvaluationRow &row : rows) {
        const QString features = QString::fromStdString(featuresName(row.features)), column = QString::fromStdString(row.column);
        m_confused->addItem(tr("%1, %2, probe").arg(features, column));
        m_confused->addItem(tr("%1, %2, kNN").arg(features, column));
    }
    m_confused->setCurrentIndex(std::max(0, m_confused->findText(chosen)));
    showChoices();
}

int EvaluationBar::confusion() const
{
    return m_confused->currentIndex();
}

void EvaluationBar::showChoices()
{
    m_confused->setVisible(wantsConfusion() && confusion() >= 0);
    emit shownChanged();
}

} // namespace pretext
