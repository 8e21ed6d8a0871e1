// Runs: every run of the user's, found by words and by what its knobs were; notes and tags, the trash, and from here on to opening and comparing them.
#pragma once

#include "widgets/panel.h"

class QAction;
class QLabel;

namespace pretext {

class RunList;
class RunOrder;
class RunSearch;
class RunView;

class RunsPanel : public Panel
{
    Q_OBJECT
public:
    explicit RunsPanel(const PanelContext &context);
    void refresh() override;
    QString csv() const override;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QLayout *makeActions();
    QAction *addTool(QLayout *row, const QString &text, const QString &tip, void (RunsPanel::*act)());
    void connectRun();

    void applyFilter();
    void updateTools();
    void tellTotal();

    void open();
    void compare();
    void removeOrRestore();
    void emptyTrash();
    void chooseFolder();

    RunList *m_list;
    RunOrder *m_order;
    RunSearch *m_search;
    RunView *m_table;
    QLabel *m_total;
    QString m_unknown; // what of the search is a value of no run
    QAction *m_open, *m_compare, *m_remove, *m_empty, *m_import;
};

} // namespace pretext
