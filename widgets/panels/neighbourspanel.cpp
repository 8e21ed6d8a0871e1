// Neighbours: the held-out samples that the encoder finds most like a sample, or a picture or a sentence of the user's own; now and at the look before,
// so that one sees who comes in and who leaves while it learns.
#include "core/analysis/neighbourbank.h"
#include "core/data/modalitytype.h"
#include "core/data/sources/picture.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/encoderfollower.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>

#include <algorithm>
#include <optional>

namespace pretext {

namespace {

constexpr int kNeighboursShown = 10;
constexpr int64_t kBankSamples = 4000; // at most: a second or two of one processor
const QColor kCame(0x00, 0x9e, 0x73), kGone(0xd5, 0x5e, 0x00);

/// Neighbours at one step; none where nothing is known.
struct FoundNear
{
    int64_t step = -1;
    std::vector<BankNeighbour> neighbours;
    int alike = -1; // how many share the query's label; -1: not known

    bool has(int64_t sample) const
    {
        return std::ranges::any_of(neighbours, [&](const BankNeighbour &neighbour) { return neighbour.sample == sample; });
    }
};

FoundNear nearIn(const std::shared_ptr<NeighbourBank> &bank, const Dataset &dataset, const NeighbourQuery &query)
{
    if (!bank || bank->empty())
        return {};
    FoundNear found{bank->step(), bank->nearest(query, kNeighboursShown), -1};
    found.alike = sameLabel(dataset, query, found.neighbours);
    return found;
}

} // namespace

class NeighboursPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::NeighboursPanel)
public:
    explicit NeighboursPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    QString csv() const override;
    void refresh() override;

protected:
    void draw(Canvas &canvas) override;
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return m_now.step < 0; }
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    struct Spot
    {
        QRectF box;
        int64_t sample;
    };

    void makeTools();
    EncoderFollower::Adopt embed(const std::shared_ptr<const EncoderCopy> &copy, const std::shared_ptr<const Dataset> &dataset, Progressing &progress);
    bool byPictures() const { return m_samples.inPictures(); }
    NeighbourQuery query() const;
    void followSelection();
    void readOwn(const QString &path);
    void setOwn(NeighbourQuery own, const QString &name);
    void forgetOwn();
    void search();
    void clear();
    void said();
    QString message() const;
    QString queryName() const;
    QString heading(const FoundNear &found, bool newest) const;
    QString sharing(const FoundNear &found) const;
    void drawQuery(Canvas &canvas, QRectF area);
    void drawFound(Canvas &canvas, QRectF area, const FoundNear &found, const FoundNear &other, bool newest);
    void drawNeighbour(Canvas &canvas, const QRectF &box, const BankNeighbour &neighbour, const QColor &mark, const QString &word);

    EncoderFollower *m_follower;
    mutable HeldOutSamples m_samples;
    std::shared_ptr<NeighbourBank> m_bank, m_bankBefore;
    std::optional<NeighbourQuery> m_own;
    CanvasImage m_queryImage;
    QString m_ownName, m_queryText, m_problem;
    FoundNear m_now, m_before;
    int m_request = 0; // of a search: an older one that ends later is dropped
    int m_pointed = 0; // of the newest neighbours, by the keyboard
    std::vector<Spot> m_spots;
    QPushButton *m_open, *m_back;
    QLineEdit *m_text;
};

NeighboursPanel::NeighboursPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Neighbours"))
    , m_follower(new EncoderFollower(
          run(), [this] { return isShowing(); },
          [this](std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset, Progressing &progress) {
              return embed(copy, dataset, progress);
          },
          this))
    , m_samples(this, [this] { repaint(); })
    , m_open(new QPushButton(tr("Your picture …")))
    , m_back(new QPushButton(tr("Selected sample")))
    , m_text(new QLineEdit)
{
    makeTools();
    connect(m_follower, &EncoderFollower::wantsChanged, this, [this] { wantedChannelsChanged(); });
    connect(m_follower, &EncoderFollower::cleared, this, &NeighboursPanel::clear);
    connect(m_follower, &EncoderFollower::worked, this, &NeighboursPanel::search);
    connect(m_follower, &EncoderFollower::failed, this, [this](const QString &problem) {
        m_problem = problem;
        said();
    });
    connect(&selection(), &Selection::changed, this, &NeighboursPanel::followSelection);
    setAcceptDrops(true);
    clear();
}

void NeighboursPanel::makeTools()
{
    m_open->setToolTip(
        tr("Looks for the neighbours of a picture of your own, which becomes as large and as colourful as those that the encoder was trained on; a picture "
           "can be dropped here, too."));
    m_text->setPlaceholderText(tr("Type a sentence whose neighbours you want to see"));
    m_text->setAccessibleName(tr("Your sentence"));
    m_back->setToolTip(tr("Looks for the neighbours of the sample that is selected anywhere again."));
    for (QWidget *tool : std::initializer_list<QWidget *>{m_open, m_text, m_back})
        toolbar().addWidget(tool);
    toolbar().addStretch(1);
    connect(m_back, &QPushButton::clicked, this, &NeighboursPanel::forgetOwn);
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.trimmed().isEmpty())
            return forgetOwn();
        NeighbourQuery own;
        own.text = text.toStdString();
        setOwn(own, tr("your sentence"));
    });
    connect(m_open, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(this, tr("A picture of yours"));
        dialog->setFileMode(QFileDialog::ExistingFile);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QFileDialog::fileSelected, this, &NeighboursPanel::readOwn);
        dialog->open();
    });
}

/// On another thread: the bank of these weights.
EncoderFollower::Adopt NeighboursPanel::embed(const std::shared_ptr<const EncoderCopy> &copy, const std::shared_ptr<const Dataset> &dataset,
                                              Progressing &progress)
{
    const int64_t samples = std::min(kBankSamples, dataset->size(Split::test));
    const std::string what = pretext::said("%1 held-out samples through the encoder of step %2", {std::to_string(samples), std::to_string(copy->state.step)});
    const auto bank = std::make_shared<NeighbourBank>(*copy, dataset, samples, [&](double share) { return progress.report(what, share); });
    if (bank->empty())
        return {};
    return [this, bank] {
        m_bankBefore = std::exchange(m_bank, bank);
        m_problem.clear();
    };
}

std::set<std::string> NeighboursPanel::wantedChannels() const
{
    return m_follower->wantsWeights() ? std::set<std::string>{"encoder/weights"} : std::set<std::string>{};
}

/// The batch does not matter here, so nothing of the base's is done with it.
void NeighboursPanel::refresh()
{
    m_follower->look();
    if (waits())
        repaint();
}

void NeighboursPanel::clear()
{
    ++m_request;
    m_bank.reset();
    m_bankBefore.reset();
    m_now = m_before = {};
    m_problem.clear();
    m_samples.setDataset(run().dataset());
    m_open->setVisible(byPictures());
    m_text->setVisible(m_samples.dataset() && modalityType(m_samples.dataset()->info().modality).sentences);
    if (m_own) // of the data before
        forgetOwn();
    m_back->setVisible(false);
    said();
}

NeighbourQuery NeighboursPanel::query() const
{
    if (m_own)
        return *m_own;
    const Sample chosen = selection().sample();
    const Dataset *dataset = m_samples.dataset();
    if (dataset && chosen && chosen.index < dataset->size(chosen.split))
        return {.split = chosen.split, .index = chosen.index};
    return {.split = Split::test, .index = 0};
}

void NeighboursPanel::followSelection()
{
    if (m_own) {
        repaint();
        return;
    }
    search();
}

void NeighboursPanel::setOwn(NeighbourQuery own, const QString &name)
{
    m_own = std::move(own);
    m_ownName = name;
    m_back->setVisible(true);
    search();
}

void NeighboursPanel::forgetOwn()
{
    m_own.reset();
    m_problem.clear();
    m_back->setVisible(false);
    if (!m_text->text().isEmpty()) {
        const QSignalBlocker quiet(m_text);
        m_text->clear();
    }
    search();
}

void NeighboursPanel::readOwn(const QString &path)
{
    const std::filesystem::path file = path.toStdString();
    const ImageShape shape = m_samples.dataset()->info().image;
    const auto read = [file, shape] {
        try {
            Image picture = readPicture(file, {.size = shape.width, .colour = shape.channels == 3});
            if (picture.height != shape.height || picture.width != shape.width)
                throw std::runtime_error(pretext::said("only square images can be compared with pictures of your own"));
            return picture;
        } catch (const std::exception &error) {
            throw std::runtime_error(shownPath(file) + ": " + error.what());
        }
    };
    inBackground(
        this, read,
        [this, name = QString::fromStdString(file.filename().string())](Image picture) {
            NeighbourQuery own;
            own.picture = std::move(picture);
            setOwn(std::move(own), name);
        },
        [this](const QString &line) {
            m_problem = line;
            said();
        },
        analysisPool());
}

void NeighboursPanel::dragEnterEvent(QDragEnterEvent *event)
{
    const bool pictures =
        byPictures() && std::ranges::any_of(event->mimeData()->urls(), [](const QUrl &url) { return isPictureName(url.toLocalFile().toStdString()); });
    if (pictures || (m_text->isVisible() && event->mimeData()->hasText()))
        event->acceptProposedAction();
}

void NeighboursPanel::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    if (m_text->isVisible())
        m_text->setText(event->mimeData()->text().simplified());
    else if (!event->mimeData()->urls().empty())
        readOwn(event->mimeData()->urls().front().toLocalFile());
}

/// In both banks, off the window's thread; the newest search wins.
void NeighboursPanel::search()
{
    const int request = ++m_request;
    if (!m_bank)
        return said();
    struct Searched
    {
        FoundNear now, before;
        QImage image;
        QString text;
    };
    const auto work = [query = query(), bank = m_bank, before = m_bankBefore, dataset = run().dataset()] {
        const ThreadBudget alone(1);
        Searched searched{nearIn(bank, *dataset, query), nearIn(before, *dataset, query), {}, {}};
        const ModalityType &kind = modalityType(dataset->info().modality);
        if (query.index < 0)
            searched.text = QString::fromStdString(query.text);
        else if (kind.words)
            searched.text = QString::fromStdString(kind.words(*dataset, query.split, query.index));
        if (kind.picture)
            searched.image = toQImage(query.index < 0 ? query.picture : kind.picture(*dataset, query.split, query.index));
        return searched;
    };
    inBackground(
        this, work,
        [this, request](Searched searched) {
            if (request != m_request)
                return;
            m_now = std::move(searched.now);
            m_before = std::move(searched.before);
            m_queryImage = {newImageKey(), 0, searched.image};
            m_queryText = searched.text.simplified();
            m_pointed = std::clamp(m_pointed, 0, std::max(0, int(m_now.neighbours.size()) - 1));
            said();
        },
        [this, request](const QString &line) {
            if (request != m_request)
                return;
            m_problem = line;
            said();
        },
        analysisPool());
}

void NeighboursPanel::said()
{
    canvas().setAccessibleDescription(description());
    repaint();
}

QString NeighboursPanel::message() const
{
    if (!m_problem.isEmpty())
        return m_problem;
    if (const QString progress = m_follower->progress(); !progress.isEmpty())
        return progress;
    return waitingText(run(), tr("which held-out samples lie nearest to the selected one"));
}

QString NeighboursPanel::queryName() const
{
    if (m_own)
        return m_ownName;
    const NeighbourQuery asked = query();
    if (asked.split == Split::test)
        return m_samples.name(asked.index);
    const Dataset &dataset = *m_samples.dataset();
    const QString number = tr("training sample %1").arg(asked.index);
    if (!hasClasses(dataset.info()))
        return number;
    const auto &names = dataset.info().columns.front().classes;
    return QString::fromStdString(names.at(size_t(dataset.label(Split::train, asked.index)))) + QStringLiteral(", ") + number;
}

QString NeighboursPanel::heading(const FoundNear &found, bool newest) const
{
    return newest ? tr("Now, step %1").arg(found.step) : tr("Before, step %1").arg(found.step);
}

QString NeighboursPanel::sharing(const FoundNear &found) const
{
    return found.alike < 0 ? QString() : tr("%1 of %2 share its label").arg(found.alike).arg(found.neighbours.size());
}

void NeighboursPanel::draw(Canvas &canvas)
{
    m_spots.clear();
    if (m_now.step < 0 || !m_problem.isEmpty()) {
        drawMessage(canvas, message());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    const qreal side = byPictures() ? std::clamp(0.22 * area.width(), 5 * canvas.theme().fontSize, 14 * canvas.theme().fontSize) : 0;
    if (byPictures()) {
        drawQuery(canvas, QRectF(area.topLeft(), QSizeF(side, area.height())));
        area.setLeft(area.left() + side + 2 * gap);
    } else {
        const qreal height = 3.2 * lineHeight(canvas);
        drawQuery(canvas, QRectF(area.topLeft(), QSizeF(area.width(), height)));
        area.setTop(area.top() + height);
    }
    QRectF left = area, right = area;
    left.setRight(area.center().x() - gap);
    right.setLeft(area.center().x() + gap);
    drawFound(canvas, left, m_before, m_now, false);
    drawFound(canvas, right, m_now, m_before, true);
}

void NeighboursPanel::drawQuery(Canvas &canvas, QRectF area)
{
    const Theme &theme = canvas.theme();
    area.setTop(area.top() + drawWrapped(canvas, area, queryName(), theme.text) + theme.spacing / 2);
    if (byPictures() && !m_queryImage.image.isNull()) {
        const QRectF place = drawSharp(canvas, QRectF(area.topLeft(), QSizeF(area.width(), std::min(area.width(), area.height()))), m_queryImage);
        canvas.rectangle(place, theme.accent, 2);
        area.setTop(place.bottom() + theme.spacing);
    }
    drawWrapped(canvas, area, m_queryText, byPictures() ? theme.mutedText : theme.text, byPictures() ? kSmall : 1);
}

/// One column: those that are not in the other one are marked.
void NeighboursPanel::drawFound(Canvas &canvas, QRectF area, const FoundNear &found, const FoundNear &other, bool newest)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    if (found.step < 0) {
        drawWrapped(canvas, area, tr("At the next look at the encoder, what is near now stands here, to compare."), theme.mutedText, kSmall);
        return;
    }
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, heading(found, newest), area.width()), theme.text);
    canvas.text({area.left(), area.top() + 1.4 * line}, elided(canvas, sharing(found), area.width(), kSmall), theme.mutedText, Align::left, kSmall);
    area.setTop(area.top() + 2.2 * line);
    const qreal height = std::max(1.3 * line, std::min(area.height() / std::max<size_t>(1, found.neighbours.size()), byPictures() ? 4 * line : 2 * line));
    canvas.clip(area);
    for (const BankNeighbour &neighbour : found.neighbours) {
        const bool stays = other.step < 0 || other.has(neighbour.sample);
        const QRectF box(area.left(), area.top(), area.width(), height - 3);
        drawNeighbour(canvas, box, neighbour, stays ? QColor() : newest ? kCame : kGone, stays ? QString() : newest ? tr("came in") : tr("has left"));
        if (newest && canvas.size().isValid() && &neighbour - found.neighbours.data() == m_pointed)
            canvas.rectangle(box, theme.grid);
        m_spots.push_back({box, neighbour.sample});
        area.setTop(area.top() + height);
    }
    canvas.unclip();
}

void NeighboursPanel::drawNeighbour(Canvas &canvas, const QRectF &box, const BankNeighbour &neighbour, const QColor &mark, const QString &word)
{
    const Theme &theme = canvas.theme();
    const HeldOutSample &sample = m_samples.at(neighbour.sample);
    qreal left = box.left() + 5;
    if (mark.isValid())
        canvas.fill(QRectF(box.left(), box.top(), 3, box.height()), mark);
    if (byPictures()) {
        const QRectF place(left, box.top() + 1, box.height() - 2, box.height() - 2);
        if (!sample.image.image.isNull())
            drawSharp(canvas, place, sample.image);
        left = place.right() + theme.spacing;
    }
    const QString number = decimalText(neighbour.cosine),
                  words = byPictures() ? sample.label.isEmpty() ? m_samples.name(neighbour.sample) : sample.label : sample.text;
    const qreal numbers = canvas.textWidth(number, kSmall) + theme.spacing, marks = word.isEmpty() ? 0 : canvas.textWidth(word, kSmall) + theme.spacing;
    const qreal room = box.right() - left - numbers - marks;
    canvas.text({left, box.center().y()}, elided(canvas, words, room), theme.text);
    if (marks > 0)
        canvas.text({box.right() - numbers, box.center().y()}, word, mark, Align::right, kSmall);
    canvas.text({box.right(), box.center().y()}, number, theme.mutedText, Align::right, kSmall);
}

void NeighboursPanel::click(QPointF position)
{
    for (const Spot &spot : m_spots)
        if (spot.box.contains(position)) {
            if (m_own)
                forgetOwn();
            selection().select({{Split::test, spot.sample}, -1});
            return;
        }
}

bool NeighboursPanel::key(int key, Qt::KeyboardModifiers)
{
    const int last = int(m_now.neighbours.size()) - 1;
    switch (key) {
    case Qt::Key_Up: m_pointed = std::max(0, m_pointed - 1); break;
    case Qt::Key_Down: m_pointed = std::min(std::max(0, last), m_pointed + 1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_pointed <= last) {
            const int64_t sample = m_now.neighbours[size_t(m_pointed)].sample;
            if (m_own)
                forgetOwn();
            selection().select({{Split::test, sample}, -1});
        }
        return true;
    default: return false;
    }
    said();
    return true;
}

QString NeighboursPanel::description() const
{
    if (m_now.step < 0 || !m_problem.isEmpty())
        return message();
    QStringList sentences{tr("Nearest to %1.").arg(queryName()), heading(m_now, true) + u'.', sharing(m_now) + u'.'};
    for (size_t i = 0; i < m_now.neighbours.size(); ++i) {
        const BankNeighbour &neighbour = m_now.neighbours[i];
        const QString words = tr("%1, cosine %2").arg(m_samples.name(neighbour.sample), decimalText(neighbour.cosine));
        sentences << (m_before.step >= 0 && !m_before.has(neighbour.sample) ? tr("%1, which came in.").arg(words) : words + u'.');
        if (int(i) == m_pointed)
            sentences.back() = tr("Pointed at: %1").arg(sentences.back());
    }
    for (const BankNeighbour &neighbour : m_before.neighbours)
        if (!m_now.has(neighbour.sample))
            sentences << tr("%1 has left.").arg(m_samples.name(neighbour.sample));
    return sentences.join(u' ');
}

QString NeighboursPanel::csv() const
{
    if (m_now.step < 0)
        return {};
    QString text = QStringLiteral("step,rank,sample,cosine,new\n");
    for (const FoundNear *found : {&m_before, &m_now})
        for (size_t i = 0; i < found->neighbours.size(); ++i) {
            const BankNeighbour &neighbour = found->neighbours[i];
            const bool came = found == &m_now && m_before.step >= 0 && !m_before.has(neighbour.sample);
            text += QStringLiteral("%1,%2,%3,%4,%5\n")
                        .arg(found->step)
                        .arg(i + 1)
                        .arg(neighbour.sample)
                        .arg(QString::number(double(neighbour.cosine), 'g', 7))
                        .arg(came ? 1 : 0);
        }
    return text;
}

Panel *makeNeighboursPanel(const PanelContext &context)
{
    return new NeighboursPanel(context);
}

} // namespace pretext
