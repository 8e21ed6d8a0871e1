#include "widgets/runs/runview.h"

#include "widgets/runs/runmodel.h"
#include "widgets/runs/runorder.h"

#include <QDataStream>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QRegularExpression>

#include <algorithm>

namespace pretext {

RunView::RunView(RunModel *runs, RunOrder *order, QWidget *parent) : QTableView(parent), m_runs(runs), m_order(order)
{
    setModel(order);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    setDragEnabled(true);
    setWordWrap(false);
    setTextElideMode(Qt::ElideMiddle);
    setAccessibleName(tr("Runs"));
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    fitRows();
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setHighlightSections(false);
    setSortingEnabled(true);
    sortByColumn(RunModel::columnOf("begun"), Qt::DescendingOrder);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    setMinimumSize(120, 60);
    fitColumns();
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this] { m_fitted &= m_fitting; });
    for (auto signal : {&RunModel::rowsInserted, &RunModel::rowsRemoved})
        connect(m_runs, signal, this, &RunView::refit);
    connect(m_runs, &RunModel::dataChanged, this, &RunView::refit); // a first note has been written
}

/// By what they usually hold: to measure thousands of rows would take longer than to show them. Where they are wider together than the table, those that no run
/// fills give way, down to their titles; words that somebody wrote stay legible, and the rest is scrolled to.
void RunView::fitColumns()
{
    constexpr int kMargin = 14, kArrow = 10;
    QFont open = font();
    open.setBold(true); // as the run is written that the window has open
    const QFontMetrics bold(open);
    std::vector<int> widths, titles;
    int over = -viewport()->width();
    for (int column = 0; column < m_runs->columnCount(); ++column) {
        const QString title = m_runs->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        titles.push_back(fontMetrics().horizontalAdvance(title) + kArrow + kMargin);
        widths.push_back(std::max(bold.horizontalAdvance(m_runs->sampleOf(column)) + kMargin, titles.back()));
        over += widths.back();
    }
    std::vector<std::string> elastic{"note", "tag", "parent"};
    std::erase_if(elastic, [this](const std::string &key) { return m_runs->anyHas(key); });
    elastic.push_back("encoder");
    for (const std::string &key : elastic) {
        const auto column = size_t(RunModel::columnOf(key));
        const int given = std::clamp(over, 0, widths[column] - titles[column]);
        widths[column] -= given;
        over -= given;
    }
    m_fitting = true;
    for (int column = 0; column < m_runs->columnCount(); ++column)
        setColumnWidth(column, widths[size_t(column)]);
    m_fitting = false;
}

void RunView::fitRows()
{
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
}

void RunView::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() != QEvent::FontChange)
        return;
    fitRows();
    refit();
}

/// Unless the user has given a column its width.
void RunView::refit()
{
    if (m_fitted)
        fitColumns();
}

void RunView::setEmptyText(const QString &text)
{
    m_emptyText = text;
    viewport()->update();
}

void RunView::paintEvent(QPaintEvent *event)
{
    QTableView::paintEvent(event);
    if (m_order->rowCount() > 0 || m_emptyText.isEmpty())
        return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect().adjusted(12, 12, -12, -12), int(Qt::AlignCenter) | Qt::TextWordWrap, m_emptyText);
}

void RunView::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    refit();
}

void RunView::showKnobs(const QStringList &knobs)
{
    if (knobs == m_runs->knobs())
        return;
    m_runs->setKnobs(knobs);
    fitColumns();
    QHeaderView *header = horizontalHeader();
    const int first = m_runs->columnCount() - int(knobs.size());
    for (int knob = 0; knob < int(knobs.size()); ++knob)
        header->moveSection(header->visualIndex(first + knob), header->visualIndex(RunModel::columnOf("probe")) + 1 + knob);
}

QByteArray RunView::arrangement() const
{
    QByteArray kept;
    QDataStream stream(&kept, QIODevice::WriteOnly);
    stream << m_runs->knobs() << qint32(m_runs->columnCount()) << horizontalHeader()->saveState() << m_fitted;
    return kept;
}

void RunView::arrange(const QByteArray &kept)
{
    QDataStream stream(kept);
    QStringList knobs;
    qint32 columns = 0;
    QByteArray header;
    bool fitted = true;
    stream >> knobs >> columns >> header >> fitted;
    if (stream.status() != QDataStream::Ok)
        return;
    showKnobs(knobs);
    if (columns != m_runs->columnCount())
        return; // kept by a version with others
    m_fitting = true;
    horizontalHeader()->restoreState(header);
    m_fitting = false;
    m_fitted = fitted;
    refit();
}

void RunView::offerKnobs(QMenu *menu)
{
    menu->clear();
    for (const QString &knob : m_runs->differingKnobs()) {
        QAction *action = menu->addAction(knob);
        action->setCheckable(true);
        action->setChecked(m_runs->knobs().contains(knob));
        connect(action, &QAction::toggled, this, [this, knob](bool shown) {
            QStringList knobs = m_runs->knobs();
            shown ? knobs.append(knob) : void(knobs.removeAll(knob));
            showKnobs(knobs);
        });
    }
    if (menu->isEmpty())
        menu->addAction(tr("The runs differ in no knob"))->setEnabled(false);
}

std::vector<RunSummary> RunView::selected() const
{
    std::vector<RunSummary> runs;
    for (const QModelIndex &index : selectionModel()->selectedRows())
        runs.push_back(m_order->run(index.row()));
    return runs;
}

std::vector<RunSummary> RunView::shown() const
{
    std::vector<RunSummary> runs;
    for (int row = 0; row < m_order->rowCount(); ++row)
        runs.push_back(m_order->run(row));
    return runs;
}

void RunView::select(const std::set<std::filesystem::path> &runs)
{
    QItemSelection selection;
    for (int row = 0, first = -1; row <= m_order->rowCount(); ++row) { // by ranges: thousands of single rows take long
        const bool chosen = row < m_order->rowCount() && runs.contains(m_order->run(row).path);
        if (chosen && first < 0)
            first = row;
        if (!chosen && first >= 0) {
            selection.select(m_order->index(first, 0), m_order->index(row - 1, m_order->columnCount() - 1));
            first = -1;
        }
    }
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (!selection.isEmpty())
        scrollTo(selection.front().topLeft());
}

void RunView::keyPressEvent(QKeyEvent *event)
{
    const bool writes = viewport()->findChild<QLineEdit *>(); // into a cell, which Return ends
    if (!writes && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        emit opened();
    else if (!writes && event->key() == Qt::Key_Delete)
        emit deleted();
    else
        QTableView::keyPressEvent(event);
}

QString RunView::csv() const
{
    const auto cell = [](QString text) { return text.contains(QRegularExpression("[\",\n]")) ? '"' + text.replace('"', "\"\"") + '"' : text; };
    QStringList lines;
    for (int row = -1; row < m_order->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < m_runs->columnCount(); ++column) {
            const RunValue value = row < 0 ? RunValue(m_runs->keyOf(column)) : valueOf(m_order->run(row), m_runs->keyOf(column));
            const double *number = std::get_if<double>(&value);
            const std::string *text = std::get_if<std::string>(&value);
            cells << cell(number ? QString::number(*number, 'g', 12) : text ? QString::fromStdString(*text) : QString());
        }
        lines << cells.join(',');
    }
    return lines.join('\n') + '\n';
}

} // namespace pretext
