// The list of runs as a table for views: a row a run, a column for each of what is told of all, and for knobs that are chosen. Nothing is read from the disk to
// show a row.
#pragma once

#include "core/engine/runsummary.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <filesystem>
#include <set>
#include <vector>

namespace pretext {

class RunModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit RunModel(QObject *parent = nullptr) : QAbstractTableModel(parent) {}

    /// Takes a newer list: what has not changed stays where it is, with the selection.
    void show(std::vector<RunSummary> runs);
    const RunSummary &run(int row) const { return m_runs[size_t(row)]; }
    const std::vector<RunSummary> &runs() const { return m_runs; }

    /// Those that are open in this window stand out.
    void setOpen(std::set<std::filesystem::path> runs);
    /// Knobs that have a column of their own.
    void setKnobs(const QStringList &knobs);
    const QStringList &knobs() const { return m_knobs; }
    /// Those in which the runs differ, batch and seed among them.
    QStringList differingKnobs() const;

    /// Whether a run has a value of that name.
    bool anyHas(const std::string &key) const;
    /// What valueOf() calls the column, by which it is sorted.
    std::string keyOf(int column) const;
    static int columnOf(const std::string &key);
    /// Long enough for most of the column's texts.
    QString sampleOf(int column) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    QStringList mimeTypes() const override;

signals:
    /// A note or tags were written into a cell; whoever writes files listens.
    void notesEdited(const QString &run, const pretext::RunNotes &notes);
    void refused(const QString &line);

private:
    QString textOf(const RunSummary &run, int column) const;
    QString tipOf(const RunSummary &run) const;

    std::vector<RunSummary> m_runs;
    std::set<std::filesystem::path> m_open;
    QStringList m_knobs;
};

} // namespace pretext
