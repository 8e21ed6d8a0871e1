// Task predictions: of methods that ask a question with a few answers (by how much an image is turned, where a patch lies, which class it is), what
// the encoder was given, and how likely it finds each answer. The selected sample stands large above the list of all.
#include "core/channels/guesses.h"
#include "widgets/panels/tiledpanel.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

const QColor kRight(0x00, 0x9e, 0x73), kWrong(0xd5, 0x5e, 0x00); // green and vermilion that colour-blind readers tell apart
constexpr int kMostAnswers = 8;                                  // of a large sample, the likeliest

/// The channel, where its parts fit each other and the batch.
const Guesses *guessesOf(const BatchView &batch)
{
    const Guesses *guesses = batch.snapshot() ? batch.snapshot()->channel<Guesses>("targets/guesses") : nullptr;
    if (!guesses || guesses->answers.empty() || guesses->probabilities.size() != guesses->targets.size() * guesses->answers.size())
        return nullptr;
    const int64_t rows = guesses->rows();
    const bool known = std::ranges::all_of(guesses->targets, [&](int32_t target) { return target >= 0 && size_t(target) < guesses->answers.size(); });
    return rows > 0 && known && (rows == batch.rows() || rows == batch.pairs()) ? guesses : nullptr;
}

} // namespace

class TaskPredictionsPanel : public TiledPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::TaskPredictionsPanel)
public:
    explicit TaskPredictionsPanel(const PanelContext &context) : TiledPanel(context, tr("Task predictions")) {}

    std::set<std::string> wantedChannels() const override { return {"views/pixels", "views/drawings", "targets/guesses"}; }
    QString csv() const override;

protected:
    void draw(Canvas &canvas) override;
    int tiles() const override { return guesses() ? batch().pairs() : 0; }
    QString description() const override;

private:
    const Guesses *guesses() const { return guessesOf(batch()); }
    QString waiting() const;
    QString answer(size_t number) const { return translated(guesses()->answers[number]); }
    float probability(int row, size_t number) const { return guesses()->row(row)[number]; }
    int guess(int row) const;
    bool isRight(int row) const { return guess(row) == guesses()->targets[size_t(row)]; }
    QString verdict(int row) const;
    QString summary() const;
    std::vector<int> viewsOf(int row) const;
    std::vector<size_t> likeliest(int row) const;

    void drawPictures(Canvas &canvas, const QRectF &area, int row) const;
    qreal picturesWidth(const Canvas &canvas, qreal side) const;
    void drawLarge(Canvas &canvas, QRectF area, int row) const;
    void drawAnswers(Canvas &canvas, QRectF area, int row) const;
    void drawPlaces(Canvas &canvas, const QRectF &area, int row) const;
    void drawTile(Canvas &canvas, const QRectF &box, qreal side, int row) const;
};

QString TaskPredictionsPanel::waiting() const
{
    const QString what = tr("what the encoder answers");
    if (run().hasJob() && batch().snapshot() && !batch().snapshot()->offered.contains("targets/guesses"))
        return tr("This panel shows methods that ask a question with a few answers, such as by how much an image is turned: the pretext tasks of "
                  "Controls' list of methods. Choose rotation there: its first training step brings %1.")
            .arg(what);
    return waitingText(run(), what);
}

int TaskPredictionsPanel::guess(int row) const
{
    const float *first = guesses()->row(row);
    return int(std::max_element(first, first + guesses()->answers.size()) - first);
}

/// One row for each view, or one for all of a sample's.
std::vector<int> TaskPredictionsPanel::viewsOf(int row) const
{
    if (guesses()->rows() == batch().rows())
        return {row};
    std::vector<int> views;
    for (int view = 0; view < batch().views(); ++view)
        views.push_back(batch().rowOf(row, view));
    return views;
}

std::vector<size_t> TaskPredictionsPanel::likeliest(int row) const
{
    const auto target = size_t(guesses()->targets[size_t(row)]);
    std::vector<size_t> order(guesses()->answers.size());
    std::iota(order.begin(), order.end(), 0);
    if (order.size() <= kMostAnswers)
        return order; // all, each always at its place
    const auto known = [&](size_t i) { return std::isnan(probability(row, i)) ? -1 : probability(row, i); };
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return known(a) > known(b); });
    order.resize(kMostAnswers);
    if (std::ranges::find(order, target) == order.end())
        order.back() = target;
    return order;
}

QString TaskPredictionsPanel::verdict(int row) const
{
    const auto guessed = size_t(guess(row)), right = size_t(guesses()->targets[size_t(row)]);
    if (guessed == right)
        return tr("Right: %1 (%2)").arg(answer(right), percentText(probability(row, right)));
    return tr("Wrong: %1 (%2); right is %3 (%4)")
        .arg(answer(guessed), percentText(probability(row, guessed)), answer(right), percentText(probability(row, right)));
}

QString TaskPredictionsPanel::summary() const
{
    int64_t right = 0;
    for (int row = 0; row < int(guesses()->rows()); ++row)
        right += isRight(row);
    return tr("Step %1: %2 of this batch are answered right; by chance it would be %3.")
        .arg(batch().snapshot()->step)
        .arg(percentText(double(right) / double(guesses()->rows())), percentText(1. / double(guesses()->answers.size())));
}

qreal TaskPredictionsPanel::picturesWidth(const Canvas &canvas, qreal side) const
{
    return double(viewsOf(0).size()) * (side + canvas.theme().spacing);
}

void TaskPredictionsPanel::drawPictures(Canvas &canvas, const QRectF &area, int row) const
{
    QRectF square(area.topLeft(), QSizeF(area.height(), area.height()));
    for (const int view : viewsOf(row)) {
        drawView(canvas, square, batch(), view);
        square.translate(area.height() + canvas.theme().spacing, 0);
    }
}

void TaskPredictionsPanel::drawAnswers(Canvas &canvas, QRectF area, int row) const
{
    const Theme &theme = canvas.theme();
    const std::vector<size_t> shown = likeliest(row);
    const qreal line = std::min(2.2 * lineHeight(canvas), area.height() / double(shown.size()));
    qreal names = 0;
    for (const size_t number : shown)
        names = std::max(names, canvas.textWidth(answer(number)));
    names = std::min(names, 0.5 * area.width()) + theme.spacing;
    const qreal number = canvas.textWidth(QStringLiteral("88.8 %")) + 2 * theme.spacing;
    for (const size_t i : shown) {
        const bool right = int32_t(i) == guesses()->targets[size_t(row)], guessed = int(i) == guess(row);
        const QRectF track(area.left() + names, area.top() + 0.25 * line, area.width() - names - number, 0.5 * line);
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, answer(i), names - theme.spacing), right ? kRight : theme.text);
        drawShare(canvas, track, probability(row, i), right ? kRight : guessed ? kWrong : theme.mutedText);
        if (right)
            canvas.rectangle(track.adjusted(-2, -2, 2, 2), kRight, 2);
        canvas.text({area.right(), area.top() + line / 2}, percentText(probability(row, i)), theme.text, Align::right);
        area.setTop(area.top() + line);
    }
}

/// Answers that are places, each where it lies.
void TaskPredictionsPanel::drawPlaces(Canvas &canvas, const QRectF &area, int row) const
{
    int columns = 0, rows = 0;
    for (const auto &[column, line] : guesses()->places) {
        columns = std::max(columns, column + 1);
        rows = std::max(rows, line + 1);
    }
    const qreal side = std::min(area.width() / columns, area.height() / rows);
    const ColourScale scale{ColourMap::sequential, 0, 1, true};
    const auto cell = [&](size_t i) {
        const auto &[column, line] = guesses()->places[i];
        return QRectF(area.left() + column * side, area.top() + line * side, side - 2, side - 2);
    };
    for (size_t i = 0; i < guesses()->places.size(); ++i) {
        const float share = probability(row, i);
        canvas.fill(cell(i), QColor::fromRgb(scale.colour(share)));
        canvas.text(cell(i).center(), percentText(share), qGray(scale.colour(share)) > 128 ? Qt::black : Qt::white, Align::centre, kSmall);
    }
    if (!isRight(row))
        canvas.rectangle(cell(size_t(guess(row))), kWrong, 3);
    canvas.rectangle(cell(size_t(guesses()->targets[size_t(row)])), kRight, 3);
}

void TaskPredictionsPanel::drawLarge(Canvas &canvas, QRectF area, int row) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, translated(guesses()->task), area.width(), 1.1), theme.text, Align::left, 1.1);
    canvas.text({area.left(), area.top() + 1.5 * line}, elided(canvas, summary(), area.width(), kSmall), theme.mutedText, Align::left, kSmall);
    area.setTop(area.top() + 2.2 * line);
    const QString words = tr("%1. %2").arg(batch().sampleName(batch().pairOf(row)), verdict(row));
    canvas.text({area.left(), area.bottom() - line / 2}, elided(canvas, words, area.width()), isRight(row) ? kRight : kWrong);
    area.setBottom(area.bottom() - 1.3 * line);
    const qreal side = std::min(area.height(), 0.45 * area.width() / double(viewsOf(row).size()));
    drawPictures(canvas, QRectF(area.topLeft(), QSizeF(area.width(), side)), row);
    area.setLeft(area.left() + picturesWidth(canvas, side) + 2 * theme.spacing);
    guesses()->places.size() == guesses()->answers.size() ? drawPlaces(canvas, area, row) : drawAnswers(canvas, area, row);
}

void TaskPredictionsPanel::drawTile(Canvas &canvas, const QRectF &box, qreal side, int row) const
{
    const qreal line = lineHeight(canvas, kSmall), left = box.left() + 2 + picturesWidth(canvas, side), width = box.right() - left;
    drawPictures(canvas, QRectF(box.left() + 2, box.top() + 2, width, side), row);
    const auto write = [&](qreal y, const QString &text, const QColor &colour) {
        canvas.text({left, y}, elided(canvas, text, width, kSmall), colour, Align::left, kSmall);
    };
    const auto guessed = size_t(guess(row)), right = size_t(guesses()->targets[size_t(row)]);
    write(box.center().y() - line / 2, tr("%1 (%2)").arg(answer(guessed), percentText(probability(row, guessed))), isRight(row) ? kRight : kWrong);
    write(box.center().y() + line / 2, isRight(row) ? tr("right") : tr("right is: %1").arg(answer(right)), canvas.theme().mutedText);
}

void TaskPredictionsPanel::draw(Canvas &canvas)
{
    if (!guesses()) {
        drawMessage(canvas, waiting());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, list);
    if (const qreal large = 0.55 * list.height(); large > 9 * lineHeight(canvas)) {
        drawLarge(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), shownTile());
        list.setTop(list.top() + large + gap);
        canvas.line(list.topLeft(), list.topRight(), canvas.theme().grid);
        list.setTop(list.top() + gap);
    }
    const qreal side = viewSide(3.2 * canvas.theme().fontSize, batch(), 0, canvas.devicePixelRatio());
    drawTiles(canvas, list, {picturesWidth(canvas, side) + 13 * canvas.theme().fontSize, side + gap},
              [&](int row, const QRectF &box) { drawTile(canvas, box, side, row); });
}

QString TaskPredictionsPanel::description() const
{
    if (!guesses())
        return waiting();
    const int row = shownTile();
    QStringList answers;
    for (const size_t i : likeliest(row))
        answers << tr("%1: %2").arg(answer(i), percentText(probability(row, i)));
    return tr("%1 %2 %3. %4. %5.")
        .arg(translated(guesses()->task), summary(), batch().sampleName(batch().pairOf(row)), verdict(row), answers.join(QStringLiteral(", ")));
}

QString TaskPredictionsPanel::csv() const
{
    if (!guesses())
        return {};
    QString text = QStringLiteral("row,sample,right,guess");
    for (const std::string &name : guesses()->answers)
        text += QStringLiteral(",\"%1\"").arg(translated(name).replace(u'"', QStringLiteral("\"\"")));
    text += u'\n';
    for (int row = 0; row < int(guesses()->rows()); ++row) {
        text += QStringLiteral("%1,%2,\"%3\",\"%4\"")
                    .arg(row)
                    .arg(batch().snapshot()->indices[size_t(batch().pairOf(row))])
                    .arg(answer(size_t(guesses()->targets[size_t(row)])), answer(size_t(guess(row))));
        for (size_t i = 0; i < guesses()->answers.size(); ++i)
            text += u',' + QString::number(probability(row, i), 'g', 7);
        text += u'\n';
    }
    return text;
}

Panel *makeTaskPredictionsPanel(const PanelContext &context)
{
    return new TaskPredictionsPanel(context);
}

} // namespace pretext
