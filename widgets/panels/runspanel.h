// Runs: every run of the user's, found by words and by what its knobs were; notes and tags, the trash, and from here on to opening and comparing them.
#pragma once

#include "core/engine/runstore.h"
#include "core/engine/runsummary.h"
#include "widgets/panel.h"

#include <QThreadPool>
#include <QTimer>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>

class QAction;
class QLabel;
class QLineEdit;
class QMenu;
class QTableView;
class QToolButton;

namespace pretext {

class RunModel;
class RunOrder;

class RunsPanel : public Panel
{
    Q_OBJECT
public:
    explicit RunsPanel(const PanelContext &context);
    ~RunsPanel() override;
    void refresh() override;
    QString csv() const override;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QLayout *makeSearch();
    QLayout *makeActions();
    void makeTable();
    QAction *addTool(QLayout *row, const QString &text, const QString &tip, void (RunsPanel::*act)());
    void fitColumns();
    void connectRun();

    void sweep();
    void take(std::vector<RunSummary> runs);
    void applyFilter();
    void updateTools();
    void tellTotal();
    void offerKnobs();
    void showKnobs(const QStringList &knobs);

    std::vector<RunSummary> selected() const;
    void writeNotesOf(const std::filesystem::path &run, const RunNotes &notes);
    void changeRuns(const QString &doing, const std::function<void(const RunStore &)> &work, const std::function<void()> &done = {});
    void open();
    void compare();
    void removeOrRestore();
    void emptyTrash();
    void chooseFolder();
    void import(const QStringList &folders);
    bool showsTrash() const;

    std::optional<RunStore> m_store;
    RunModel *m_runs;
    RunOrder *m_order;
    QTableView *m_table;
    QLineEdit *m_find;
    QToolButton *m_columns, *m_trash;
    QMenu *m_knobs;
    QLabel *m_total;
    QAction *m_open, *m_compare, *m_remove, *m_empty, *m_import;
    QTimer m_look, m_typed;
    QString m_problem;
    std::map<std::filesystem::path, RunNotes> m_written; // into cells, and not yet into the folder
    bool m_read = false, m_sweeping = false, m_again = false;
    std::shared_ptr<std::atomic<bool>> m_given = std::make_shared<std::atomic<bool>>(false); // up
    QThreadPool m_files;                                                                     // one thread: what is asked for first is done first
};

} // namespace pretext
