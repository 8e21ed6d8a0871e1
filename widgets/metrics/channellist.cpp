#include "widgets/metrics/channellist.h"

#include "core/engine/observer.h"
#include "widgets/scalarhistory.h"

#include <QEvent>
#include <QPainter>
#include <QSet>

#include <algorithm>
#include <cmath>
#include <set>

namespace pretext {

namespace {

constexpr qsizetype kMostStrokes = 4; // of more, the legend tells

/// In the middle of it, as thick as there is room.
void drawStrokes(QPixmap &picture, const QList<QPen> &pens)
{
    constexpr double kThick = 2.5, kApart = 1.5;
    const QSizeF size = picture.deviceIndependentSize();
    const double each = std::min(kThick + kApart, size.height() / double(pens.size()));
    double y = 0.5 * (size.height() - each * double(pens.size() - 1));
    QPainter painter(&picture);
    for (QPen pen : pens) {
        pen.setWidthF(std::max(1., each - kApart));
        pen.setCapStyle(Qt::FlatCap);
        painter.setPen(pen);
        painter.drawLine(QPointF(0, y), QPointF(size.width(), y));
        y += each;
    }
}

} // namespace

ChannelList::ChannelList(QWidget *parent) : QListWidget(parent)
{
    setMinimumHeight(40);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // a name that is too long ends in dots
    setAccessibleName(tr("Channels"));
    setToolTip(tr("The numbers that the method writes at every step; tick those to draw."));
    fit();
}

void ChannelList::fit()
{
    setIconSize({fontMetrics().height() * 3 / 2, fontMetrics().height() * 2 / 3});
    setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("accuracy/contrastive x")) + iconSize().width() + 42);
}

void ChannelList::changeEvent(QEvent *event)
{
    QListWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fit();
}

QStringList ChannelList::ticked() const
{
    QStringList names;
    for (int i = 0; i < count(); ++i)
        if (item(i)->checkState() == Qt::Checked)
            names << item(i)->text();
    return names;
}

void ChannelList::showPens(const std::map<QString, QList<QPen>> &pens)
{
    const QSignalBlocker silent(this); // no tick changes
    for (int i = 0; i < count(); ++i) {
        const auto found = pens.find(item(i)->text());
        QPixmap stroke(iconSize() * devicePixelRatio());
        stroke.setDevicePixelRatio(devicePixelRatio());
        stroke.fill(Qt::transparent);
        if (found != pens.end() && found->second.size() <= kMostStrokes)
            drawStrokes(stroke, found->second);
        item(i)->setIcon(pens.empty() ? QIcon() : QIcon(stroke));
    }
}

bool ChannelList::follow(const std::vector<const ScalarHistory *> &histories)
{
    std::set<QString> channels;
    for (const ScalarHistory *history : histories)
        for (const auto &[name, values] : history->columns)
            if (!isObserved(name) || std::ranges::any_of(values, [](double value) { return std::isfinite(value); }))
                channels.insert(QString::fromStdString(name));
    if (int(channels.size()) == count() || channels.empty())
        return false;
    QSet<QString> known;
    for (int i = 0; i < count(); ++i)
        known << item(i)->text();
    const QStringList before = ticked();
    const QStringList first{"loss/total", "evaluation/knn", "evaluation/probe"};
    const QSignalBlocker silent(this);
    clear();
    for (const QString &channel : channels) {
        auto *item = new QListWidgetItem(channel, this);
        item->setFlags(Qt::ItemIsUserCheckable | Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        item->setCheckState(before.contains(channel) || (!known.contains(channel) && first.contains(channel)) ? Qt::Checked : Qt::Unchecked);
    }
    return true;
}

} // namespace pretext
