#include "widgets/controls/choicelist.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QHelpEvent>
#include <QPainter>
#include <QScreen>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QToolTip>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kTitle = Qt::UserRole + 1, kLine = Qt::UserRole + 2;
constexpr int kMostShown = 40; // before the list scrolls, where the screen is high enough

bool isHeading(const QModelIndex &index)
{
    return !(index.flags() & Qt::ItemIsEnabled);
}

QStandardItem *itemOf(const QString &name, const QString &title, const QString &line)
{
    auto *item = new QStandardItem(name);
    item->setData(title, kTitle);
    item->setData(line, kLine);
    item->setToolTip(line);
    item->setData(QStringLiteral("%1: %2").arg(title, line), Qt::AccessibleTextRole);
    return item;
}

/// A row: the name, what it is called, and the line on it, each in a column; a heading stands out and has its line beside it.
class RowPainter : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const int line = option.fontMetrics.height();
        return {leftOf(option.fontMetrics, *index.model(), 2) + option.fontMetrics.horizontalAdvance(index.data(kLine).toString()) + gap(option.fontMetrics),
                isHeading(index) ? line * 3 / 2 : line + line / 4};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyleOptionViewItem row = option;
        initStyleOption(&row, index);
        row.text.clear();
        const bool heading = isHeading(index), chosen = !heading && row.state & QStyle::State_Selected;
        if (!heading)
            (row.widget ? row.widget->style() : QApplication::style())->drawControl(QStyle::CE_ItemViewItem, &row, painter, row.widget);
        const QPalette::ColorRole text = chosen ? QPalette::HighlightedText : QPalette::Text;
        painter->save();
        if (heading) {
            row.font.setBold(true);
            const int left = gap(option.fontMetrics) / 2;
            write(painter, row, left, index.data().toString(), text);
            row.font.setBold(false);
            write(painter, row, left + QFontMetrics(boldOf(row.font)).horizontalAdvance(index.data().toString()) + gap(option.fontMetrics),
                  index.data(kLine).toString(), QPalette::PlaceholderText);
        } else {
            const QFontMetrics metrics(row.font);
            write(painter, row, leftOf(metrics, *index.model(), 0), index.data().toString(), text);
            write(painter, row, leftOf(metrics, *index.model(), 1), index.data(kTitle).toString(), text);
            write(painter, row, leftOf(metrics, *index.model(), 2), index.data(kLine).toString(), chosen ? text : QPalette::PlaceholderText);
        }
        painter->restore();
    }

    /// The whole line, where it is cut.
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index) override
    {
        if (sizeHint(option, index).width() > option.rect.width())
            return QStyledItemDelegate::helpEvent(event, view, option, index);
        QToolTip::hideText();
        return true;
    }

private:
    static int gap(const QFontMetrics &metrics) { return metrics.horizontalAdvance(u'm') * 3 / 2; }

    static QFont boldOf(QFont font)
    {
        font.setBold(true);
        return font;
    }

    /// Where a column begins, given the widest of those before it.
    static int leftOf(const QFontMetrics &metrics, const QAbstractItemModel &model, int column)
    {
        int left = gap(metrics);
        for (const int role : {int(Qt::DisplayRole), kTitle})
            if (column-- > 0) {
                int widest = 0;
                for (int row = 0; row < model.rowCount(); ++row)
                    if (const QModelIndex index = model.index(row, 0); !isHeading(index))
                        widest = std::max(widest, metrics.horizontalAdvance(index.data(role).toString()));
                left += widest + gap(metrics);
            }
        return left;
    }

    static void write(QPainter *painter, const QStyleOptionViewItem &row, int left, const QString &text, QPalette::ColorRole colour)
    {
        const QRect room = row.rect.adjusted(left, 0, -4, 0);
        painter->setFont(row.font);
        painter->setPen(row.palette.color(QPalette::Active, colour));
        painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(row.font).elidedText(text, Qt::ElideRight, room.width()));
    }
};

/// A list as wide as its lines, or as the screen.
class WideBox : public QObject
{
public:
    explicit WideBox(QComboBox *box) : QObject(box), m_box(box) { box->view()->installEventFilter(this); }
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Polish || event->type() == QEvent::FontChange || event->type() == QEvent::Show)
            fit();
        return false;
    }

private:
    void fit() const
    {
        const int bar = m_box->style()->pixelMetric(QStyle::PM_ScrollBarExtent);
        m_box->view()->setMinimumWidth(std::min(m_box->view()->sizeHintForColumn(0) + bar, m_box->screen()->availableGeometry().width() - 2 * bar));
    }
    QComboBox *m_box;
};

} // namespace

void setGroups(QComboBox *box, const std::vector<ChoiceGroup> &groups)
{
    const QSignalBlocker silent(box);
    auto *model = new QStandardItemModel(box);
    for (const ChoiceGroup &group : groups) {
        QStandardItem *heading = itemOf(group.title, group.title, group.line);
        heading->setFlags(Qt::NoItemFlags);
        model->appendRow(heading);
        for (const Choice &choice : group.choices)
            model->appendRow(itemOf(choice.name, choice.title, choice.line));
    }
    const QString before = box->currentText();
    box->setModel(model);
    box->setItemDelegate(new RowPainter(box));
    box->setMaxVisibleItems(kMostShown);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->view()->setTextElideMode(Qt::ElideRight);
    new WideBox(box);
    box->setCurrentText(before);
}

} // namespace pretext
