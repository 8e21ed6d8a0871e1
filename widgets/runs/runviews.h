// The two views of a list of runs: the table, and parallel coordinates where they are asked for. What is selected in one is selected in the other.
#pragma once

#include <QSplitter>

#include <filesystem>
#include <set>

class QToolButton;

namespace pretext {

class RunCoordinates;
class RunList;
class RunOrder;
class RunView;

class RunViews : public QSplitter
{
    Q_OBJECT
public:
    RunViews(RunList *list, RunOrder *order, QWidget *parent);

    RunView *table() const { return m_table; }
    /// What shows the coordinates, and says what is in them.
    QList<QToolButton *> tools() const { return {m_showsCoordinates, m_onlySelected, m_axes}; }
    bool hasCoordinates() const;
    RunCoordinates *coordinates() const { return m_coordinates; } // null until they were asked for

    /// The list or its order has changed.
    void showRuns();
    /// Why there is nothing to be seen, where there is not.
    void setEmptyText(const QString &text);
    /// Room is shared anew where the panel has become wide or high.
    void fit(const QSize &panel);

private:
    void makeTools();
    void showCoordinates(bool shown);
    void shareRoom();
    void selectBrushed();
    void markSelected();

    RunList *m_list;
    RunView *m_table;
    RunCoordinates *m_coordinates = nullptr;
    QToolButton *m_showsCoordinates, *m_onlySelected, *m_axes;
    std::set<std::filesystem::path> m_only, m_brushed; // drawn alone; selected by brushes
    Qt::Orientation m_along = Qt::Horizontal;
};

} // namespace pretext
