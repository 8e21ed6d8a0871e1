// The line above a list of runs: what they are found by, which knobs have a column, and whether those are shown that were deleted.
#pragma once

#include "core/engine/runfilter.h"

#include <QTimer>
#include <QWidget>

class QLineEdit;
class QMenu;
class QToolButton;

namespace pretext {

class RunSearch : public QWidget
{
    Q_OBJECT
public:
    explicit RunSearch(QWidget *parent);

    RunFilter filter() const;
    bool showsTrash() const;
    /// How many runs the trash holds.
    void setDeleted(int count);
    /// Is filled before it is shown by whoever knows the runs' knobs.
    QMenu *knobs() const { return m_knobs; }

signals:
    void changed(); // once nobody types any more

private:
    QLineEdit *m_find;
    QToolButton *m_columns, *m_trash;
    QMenu *m_knobs;
    QTimer m_typed;
};

} // namespace pretext
