// Runs: every run of the user's, found by words and by what its knobs were; notes and tags, the trash, and from here on to opening and comparing them.
#pragma once

#include "widgets/panel.h"

#include <filesystem>
#include <set>

class QAction;
class QLabel;
class QSplitter;
class QToolButton;

namespace pretext {

class RunCoordinates;
class RunList;
class RunOrder;
class RunSearch;
class RunView;

class RunsPanel : public Panel
{
    Q_OBJECT
public:
    explicit RunsPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }
    void refresh() override;
    QString csv() const override;
    void paintTo(QPainter &painter, const QSize &size) override;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QLayout *makeActions();
    void makeCoordinates(QLayout *row);
    void showCoordinates(bool shown);
    bool hasCoordinates() const;
    void shareRoom();
    QAction *addAct(const QString &text, const QString &tip, void (RunsPanel::*act)());
    QAction *addTool(QLayout *row, const QString &text, const QString &tip, void (RunsPanel::*act)());
    void connectRun();

    void applyFilter();
    void showRuns();
    void selectBrushed();
    void markSelected();
    void sayMisunderstood();
    void updateTools();
    void tellTotal();

    QString only() const;
    void open();
    void fork();
    void forkAt();
    void openBeside();
    void compare();
    void removeOrRestore();
    void forgetGone();
    void emptyTrash();
    void chooseFolder();

    RunList *m_list;
    RunOrder *m_order;
    RunSearch *m_search;
    RunView *m_table;
    RunCoordinates *m_coordinates = nullptr; // once they were asked for
    QSplitter *m_views;
    QToolButton *m_showsCoordinates, *m_onlySelected, *m_axes;
    std::set<std::filesystem::path> m_only, m_brushed; // drawn alone; selected by brushes
    QLabel *m_total;
    QString m_misunderstood; // of the search
    QAction *m_open, *m_fork, *m_forkAt, *m_beside, *m_compare, *m_remove, *m_empty, *m_forget, *m_import;
};

} // namespace pretext
