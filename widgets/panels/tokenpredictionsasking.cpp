// What the token predictions panel asks: the sentence that is typed, or an example of the held-out texts, and which of its tokens are hidden.
#include "widgets/panels/tokenpredictionspanel.h"

#include "widgets/panels/samplingbar.h"
#include "widgets/selection.h"
#include "widgets/run.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kTypingPause = 300;                    // ms, after which a sentence counts as typed
constexpr int kShortest = 12, kLongest = 120;        // characters of an example
constexpr int64_t kApart = 11, kLookedThrough = 200; // samples between two examples, and through which one is looked for
constexpr int kFirstHidden = 3, kHiddenEvery = 7;    // tokens of an example: not always the same place in the lines of a poem, which have 6 or 8

/// A short text of the held-out split, another for each n; of the training split where nothing is held out. Empty where there is no text.
QString exampleOf(const Dataset &dataset, int64_t n)
{
    const Split split = dataset.size(Split::test) > 0 ? Split::test : Split::train;
    const int64_t size = dataset.size(split);
    QString first;
    for (int64_t i = 0; i < std::min<int64_t>(size, kLookedThrough); ++i) {
        const QString text = QString::fromStdString(dataset.text(split, (i + kApart * n) % size)).simplified();
        if (text.size() >= kShortest && text.size() <= kLongest)
            return text;
        if (first.isEmpty())
            first = text.left(kLongest);
    }
    return first;
}

/// About its first half, whole words; of questions and answers all but the last answer.
QString firstHalf(const QString &text)
{
    if (const qsizetype cue = text.lastIndexOf(QStringLiteral(" A:")); cue > 0)
        return text.left(cue + 3);
    const qsizetype space = text.indexOf(u' ', text.size() / 2);
    return text.left(space > 0 ? space : text.size() / 2);
}

} // namespace

TokenPredictionsPanel::TokenPredictionsPanel(const PanelContext &context) : CanvasPanel(context, tr("Token predictions"))
{
    addControls();
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingPause);
    connect(&m_typing, &QTimer::timeout, this, &TokenPredictionsPanel::textEdited);
    connect(&selection(), &Selection::changed, this, &TokenPredictionsPanel::followSelection);
    connect(&run(), &Run::jobStarted, this, [this] {
        if (!servesJob())
            return;
        if (m_text->text().trimmed().isEmpty() || m_examples > 0)
            example();
    });
}

void TokenPredictionsPanel::addControls()
{
    m_shownChoice = new QComboBox;
    m_shownChoice->addItems({tr("My sentence"), tr("Training batch")});
    m_shownChoice->setToolTip(tr("My sentence: the model as it is now answers a text of yours, which it does not learn from. "
                                 "Training batch: a row that it learns from at this step, as it was given it."));
    m_shownChoice->setAccessibleName(tr("What is shown"));
    connect(m_shownChoice, &QComboBox::currentIndexChanged, this, [this] {
        selection().setSentence(choice() == Shown::sentence ? QString::fromStdString(m_question.text) : QString());
        wantedChannelsChanged();
        prepareAgain();
    });
    m_text = new QLineEdit;
    m_text->setPlaceholderText(tr("Type a sentence, then click a token to hide it"));
    m_text->setToolTip(tr("Your own text. The model reads it at every snapshot, without learning from it. [MASK] stands for a "
                          "hidden token."));
    m_text->setAccessibleName(tr("Your sentence"));
    m_text->setClearButtonEnabled(true);
    connect(m_text, &QLineEdit::textEdited, &m_typing, qOverload<>(&QTimer::start));
    connect(m_text, &QLineEdit::returnPressed, this, &TokenPredictionsPanel::textEdited);
    m_exampleButton = new QPushButton(tr("Example"));
    m_exampleButton->setToolTip(tr("Another held-out text, one that the model does not learn from, with some of its tokens hidden."));
    connect(m_exampleButton, &QPushButton::clicked, this, [this] {
        ++m_examples;
        showAs(Shown::sentence);
        example();
    });
    toolbar().addWidget(m_shownChoice);
    toolbar().addWidget(m_exampleButton);
    toolbar().addStretch(1);
    auto *sentence = new QHBoxLayout; // a row of its own, since a sentence is long and the panel may be narrow
    sentence->setContentsMargins(6, 0, 6, 4);
    sentence->addWidget(m_text);
    m_sampling = new SamplingBar(this);
    m_sampling->hide();
    connect(m_sampling, &SamplingBar::changed, this, &TokenPredictionsPanel::ask);
    static_cast<QVBoxLayout *>(layout())->insertLayout(1, sentence);
    static_cast<QVBoxLayout *>(layout())->insertWidget(2, m_sampling);
}

void TokenPredictionsPanel::showAs(Shown shown)
{
    m_shownChoice->setCurrentIndex(int(shown));
}

/// A sample of the batch that is selected anywhere is shown in place of the user's sentence.
void TokenPredictionsPanel::followSelection()
{
    if (selection().place() >= 0 && choice() == Shown::sentence && servesJob())
        showAs(Shown::batch);
    else if (isShowing() && choice() == Shown::batch)
        prepareAgain();
}

void TokenPredictionsPanel::textEdited()
{
    m_typing.stop();
    showAs(Shown::sentence);
    const std::string text = m_text->text().simplified().toStdString();
    if (text == m_question.text)
        return;
    m_question.text = text;
    m_question.masked.clear();
    m_undressed = false;
    m_examples = 0;
    m_column = -1;
    ask();
    prepareAgain();
}

void TokenPredictionsPanel::example()
{
    if (!servesJob())
        return;
    m_text->setText(exampleOf(*run().dataset(), m_examples));
    m_text->setCursorPosition(0); // its beginning shows
    m_examples = std::max(1, m_examples);
    m_question.text = m_text->text().toStdString();
    m_question.masked.clear();
    m_undressed = true;
    m_column = -1;
    ask();
}

/// Hides some of an example's tokens; of a text that goes on, leaves its beginning.
void TokenPredictionsPanel::dressExample(const Answer &answer)
{
    m_undressed = !answer.problem.empty();
    if (m_undressed || m_scene.kind == TokenScene::Kind::next) {
        m_text->setText(firstHalf(m_text->text()));
        m_question.text = m_text->text().toStdString();
        m_undressed &= m_text->text().size() >= kShortest;
    } else {
        for (int t = kFirstHidden; t + 1 < int(answer.row.given.size()); t += kHiddenEvery)
            m_question.masked.push_back(t);
    }
    ask();
}

void TokenPredictionsPanel::ask()
{
    m_question.sampling = m_sampling->sampling();
    if (choice() == Shown::sentence)
        selection().setSentence(QString::fromStdString(m_question.text));
    run().ask(kAnswerChannel, m_question.text.empty() ? std::nullopt : std::optional(m_question));
    m_stale = true;
    repaint();
}

void TokenPredictionsPanel::toggle(int column)
{
    const bool hides = m_scene.kind == TokenScene::Kind::inPlace || m_scene.kind == TokenScene::Kind::rebuilt;
    const Answer *answer = batch().snapshot() ? batch().snapshot()->channel<Answer>(kAnswerChannel) : nullptr;
    const bool answered = m_shown == Shown::sentence && answer && answer->question.text == m_question.text;
    if (!hides || !answered || column < 0 || column >= int(m_scene.given.size()))
        return;
    const int position = m_scene.given[column];
    if (position < 1 || position + 1 >= int(answer->row.given.size()))
        return; // [CLS] and [SEP] are never hidden
    std::vector<int> &masked = m_question.masked;
    const auto at = std::lower_bound(masked.begin(), masked.end(), position);
    at != masked.end() && *at == position ? void(masked.erase(at)) : void(masked.insert(at, position));
    m_undressed = false;
    ask();
}

} // namespace pretext
