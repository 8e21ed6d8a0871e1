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
constexpr int kMostAnswers = 10;                                 // of a large sample, the likeliest

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
    QString answer(size_t number) const;
    float probability(int row, size_t number) const { return guesses()->row(row)[number]; }
    int guess(int row) const;
    bool isRight(int row) const { return guess(row) == guesses()->targets[size_t(row)]; }
    QString verdict(int row) const;
    QString summary() const;
    std::vector<int> viewsOf(int row) const;
    std::vector<size_t> likeliest(int row) const;

    bool inOrders() const { return guesses()->orders.size() == guesses()->answers.size(); }
    bool inPlaces() const { return guesses()->places.size() == guesses()->answers.size(); }
    QSize gridSize() const;
    QRectF pictureAt(const Canvas &canvas, const QRectF &area, int place) const;
    void drawPictures(Canvas &canvas, const QRectF &area, int row, const std::vector<uint8_t> &order = {}) const;
    qreal picturesWidth(const Canvas &canvas, qreal height) const;
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
                  "Controls' list of methods, and supervised training. Choose rotation there: its first training step brings %1.")
            .arg(what);
    return waitingText(run(), what);
}

QString TaskPredictionsPanel::answer(size_t number) const
{
    const std::string &words = guesses()->answers[number];
    return words.empty() ? batch().className(int(number)) : translated(words);
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
               .arg(percentText(double(right) / double(guesses()->rows())), percentText(1. / double(guesses()->answers.size())))
           + (inOrders() ? ' ' + tr("An answer names, place by place, the ninth of the image that the tile there is from, 1 to 9.") : QString());
}

/// A row of up to three pictures of a sample, more in a square.
QSize TaskPredictionsPanel::gridSize() const
{
    const int count = int(viewsOf(0).size()), columns = count > 3 ? int(std::ceil(std::sqrt(double(count)))) : count;
    return {columns, (count + columns - 1) / columns};
}

QRectF TaskPredictionsPanel::pictureAt(const Canvas &canvas, const QRectF &area, int place) const
{
    const qreal gap = gridSize().height() > 1 ? 2 : canvas.theme().spacing, side = area.height() / gridSize().height();
    return {area.left() + place % gridSize().width() * (side + gap), area.top() + place / gridSize().width() * (side + gap), side - gap, side - gap};
}

qreal TaskPredictionsPanel::picturesWidth(const Canvas &canvas, qreal height) const
{
    return pictureAt(canvas, QRectF(0, 0, 0, height), gridSize().width() - 1).right() + canvas.theme().spacing;
}

/// What the encoder was given; with an order, each picture at the place that it then belongs to.
void TaskPredictionsPanel::drawPictures(Canvas &canvas, const QRectF &area, int row, const std::vector<uint8_t> &order) const
{
    const std::vector<int> views = viewsOf(row);
    for (size_t i = 0; i < views.size(); ++i)
        drawView(canvas, pictureAt(canvas, area, i < order.size() ? order[i] : int(i)), batch(), views[i]);
}

void TaskPredictionsPanel::drawAnswers(Canvas &canvas, QRectF area, int row) const
{
    const Theme &theme = canvas.theme();
    const std::vector<size_t> shown = likeliest(row);
    const qreal line = std::min(2.2 * lineHeight(canvas), area.height() / double(shown.size()));
    qreal names = 0;
    for (const size_t number : shown)
        names = std::max(names, canvas.textWidth(answer(number)));
    const qreal number = canvas.textWidth(QStringLiteral("0.888 %")) + 2 * theme.spacing, bar = 3 * theme.fontSize; // the shortest that says anything
    const bool bars = area.width() > number + 2 * bar;
    names = std::min(names + theme.spacing, bars ? std::min(0.5 * area.width() + theme.spacing, area.width() - number - bar) : area.width() - number);
    for (const size_t i : shown) {
        const bool right = int32_t(i) == guesses()->targets[size_t(row)], guessed = int(i) == guess(row);
        const QRectF track(area.left() + names, area.top() + 0.25 * line, area.width() - names - number, 0.5 * line);
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, answer(i), names - theme.spacing), right ? kRight : theme.text);
        if (bars)
            drawShare(canvas, track, probability(row, i), right ? kRight : guessed ? kWrong : theme.mutedText);
        if (bars && right)
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
    if (rows == 3 && columns == 3 && guesses()->places.size() == 8) // around the first view
        drawView(canvas, QRectF(area.left() + side, area.top() + side, side - 2, side - 2), batch(), viewsOf(row).front());
    if (!isRight(row))
        canvas.rectangle(cell(size_t(guess(row))), kWrong, 3);
    canvas.rectangle(cell(size_t(guesses()->targets[size_t(row)])), kRight, 3);
}

void TaskPredictionsPanel::drawLarge(Canvas &canvas, QRectF area, int row) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, translated(guesses()->task), area.width(), 1.1), theme.text, Align::left, 1.1);
    area.setTop(area.top() + 1.1 * line);
    area.setTop(area.top() + drawWrapped(canvas, QRectF(area.topLeft(), QSizeF(area.width(), 2.2 * line)), summary(), theme.mutedText, kSmall) + 0.3 * line);
    const QString words = tr("%1. %2").arg(batch().sampleName(batch().pairOf(row)), verdict(row));
    canvas.text({area.left(), area.bottom() - line / 2}, elided(canvas, words, area.width()), isRight(row) ? kRight : kWrong);
    area.setBottom(area.bottom() - 1.3 * line);
    const int grids = inOrders() ? 2 : 1;
    const qreal shape = picturesWidth(canvas, 100) / 100, heading = inOrders() ? 1.2 * lineHeight(canvas, kSmall) : 0;
    const qreal height = std::min(area.height() - heading, 0.55 * area.width() / (grids * shape)), width = picturesWidth(canvas, height);
    drawPictures(canvas, QRectF(area.left(), area.top() + heading, width, height), row);
    if (inOrders()) {
        const auto name = [&](qreal left, const QString &text) {
            canvas.text({left, area.top() + heading / 2}, elided(canvas, text, width, kSmall), theme.mutedText, Align::left, kSmall);
        };
        name(area.left(), tr("as given"));
        name(area.left() + width + theme.spacing, tr("as answered"));
        drawPictures(canvas, QRectF(area.left() + width + theme.spacing, area.top() + heading, width, height), row, guesses()->orders[size_t(guess(row))]);
    }
    area.setLeft(area.left() + grids * (width + theme.spacing) + theme.spacing);
    inPlaces() ? drawPlaces(canvas, area, row) : drawAnswers(canvas, area, row);
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
    const qreal side = gridSize().height() > 1 ? 4.5 * canvas.theme().fontSize : viewSide(3.2 * canvas.theme().fontSize, batch(), 0, canvas.devicePixelRatio());
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
    for (size_t i = 0; i < guesses()->answers.size(); ++i)
        text += QStringLiteral(",\"%1\"").arg(answer(i).replace(u'"', QStringLiteral("\"\"")));
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
