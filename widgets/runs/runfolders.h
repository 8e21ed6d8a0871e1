// What is done to the folders of runs from their list: the selected ones go to the trash and come back, what is gone is forgotten, others are listed.
#pragma once

#include <QObject>
#include <QStringList>

namespace pretext {

class RunList;
class RunView;

class RunFolders : public QObject
{
    Q_OBJECT
public:
    RunFolders(RunList *list, RunView *table, QObject *parent);

    /// Of those that are selected: runs in the trash are restored, others go there, and those whose folders are gone off the list.
    void removeOrRestore();
    void forgetGone();
    /// Asks first.
    void emptyTrash();
    /// Lists the runs that folders hold, and selects them, also where they were listed already.
    void import(const QStringList &folders);

signals:
    void done(const QString &news);

private:
    RunList *m_list;
    RunView *m_table;
};

} // namespace pretext
