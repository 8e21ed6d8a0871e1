// Runs: every run of the user's, found by words and by what its knobs were; notes and tags, the trash, and from here on to opening and comparing them.
#pragma once

#include "widgets/panel.h"

class QAction;

namespace pretext {

class ElidedLabel;
class RunFolders;
class RunList;
class RunOrder;
class RunSearch;
class RunView;
class RunViews;

class RunsPanel : public Panel
{
    Q_OBJECT
public:
    explicit RunsPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }
    void refresh() override;
    QString csv() const override;
    void paintTo(QPainter &painter, const QSize &size) override;
    QByteArray arrangement() const override;
    void arrange(const QByteArray &kept) override;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QLayout *makeActions();
    QAction *addAct(const QString &text, const QString &tip, const std::function<void()> &act);
    QAction *addTool(QLayout *row, const QString &text, const QString &tip, const std::function<void()> &act);
    void connectRun();
    void tellOpen();

    void applyFilter();
    void sayMisunderstood();
    void updateTools();
    void tellTotal();

    QString only() const;
    void open();
    void fork();
    void forkAt();
    void openBeside();
    void compare();
    void chooseFolder();
    void tellNews(const QString &news);

    RunList *m_list;
    RunOrder *m_order;
    RunSearch *m_search;
    RunViews *m_views;
    RunView *m_table; // of them
    RunFolders *m_folders;
    ElidedLabel *m_total;
    QString m_misunderstood, m_news; // of the search; of what was done just now
    QAction *m_open, *m_fork, *m_forkAt, *m_beside, *m_compare, *m_remove, *m_empty, *m_forget, *m_import;
};

} // namespace pretext
