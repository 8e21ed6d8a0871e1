// The main window: makes the parts and connects them. It computes nothing.
#pragma once

#include "app/theme.h"

#include <QDeadlineTimer>
#include <QMainWindow>

#include <filesystem>
#include <functional>
#include <optional>

class QMenu;

namespace pretext {

class DockArea;
class HelpDialog;
class NoticeBar;
class Opener;
class RunKeeper;
class RunWatch;
class Selection;
class StatusLine;
class TimeBar;
class Workbench;
class Request;
class Run;
struct Session;
struct SessionPair;

class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    MainWindow();
    ~MainWindow() override;

    /// The run that is shown, and what is asked for of it.
    Run &run() const { return *m_run; }
    Request &request() const { return *m_request; }
    Workbench &workbench() const { return *m_workbench; }
    Selection &selection() const { return *m_selection; }
    DockArea &docks() const { return *m_docks; }
    Opener &opener() const { return *m_opener; }
    RunKeeper &runs() const { return *m_runs; }
    NoticeBar &notices() const { return *m_notices; }
    TimeBar &time() const { return *m_time; }

    /// Layout, size and place as they were left.
    void restoreLast();
    /// Two runs that stood side by side when the window was closed are offered.
    void offerLastPair();
    /// The size is kept, and the layout where it fits.
    void resizeWith(QSize asked);
    /// One that was saved, or "default", in place of the one it was left in.
    void useLayout(const QString &name);
    /// Whether closing saves layout, size and place; a script's window does not.
    void setRemembers(bool remembers) { m_remembers = remembers; }
    void setPresenting(bool presenting);

protected:
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void connectJob();
    void connectOpener();
    void applySession(const Session &session);
    void showFault(const QString &line);
    void sayWhyItStands();
    void compareRuns(const QStringList &runs);
    void watchRun(const QString &run, const QString &writer, bool standsStill);
    void sayWatched(const QString &run, const QString &writer, bool standsStill);
    void offerResume(const QString &run);

    // runsteps.cpp
    void rewindRun();
    void extendRun();
    void chooseStep(qint64 step, bool goesBack = false);
    void forkRun(const QString &run, bool asksForStep);
    void offerSteps(const std::filesystem::path &run, int64_t first, int64_t last, int64_t step, bool goesBack = false);

    // sidebyside.cpp
    void connectSideBySide();
    void makeSideBySideMenu(QMenu *run);
    void forkBeside(qint64 step);
    void offerBoth(const QString &left, const QString &right);
    void openBoth(const SessionPair &pair, const std::function<void()> &opened = {});
    std::optional<SessionPair> pairNow() const;
    void rememberPair();
    void goBackTogether(qint64 step);
    void standAlone(bool right);

    void updateTitle();

    // menus.cpp
    void makeMenus();
    void makeFileMenu();
    void makeRunMenu();
    void makeViewMenu();
    void makeHelpMenu(); // helpmenu.cpp
    void openHelp(const QString &key);
    QString termUnder(QPoint pointer) const;
    void helpOnControl();
    void fillRecent(QMenu *menu);
    void fillLayouts(QMenu *menu);
    void remember(const QString &path);
    void chooseData(const QString &kind, const QString &method = {});
    void chooseColumn(const QString &table, const QStringList &columns, int usual);
    void chooseSession();
    void chooseRun();
    void saveSession();
    Session session() const;
    void shareRun();
    void askForText();
    void savePanelAs(const QString &panel);
    void writePanel(const QString &name, const QString &path, QDeadlineTimer until);
    void exportEncoder();
    void setAppearance(Appearance appearance);

    Workbench *m_workbench;
    Run *m_run;
    Request *m_request;
    Selection *m_selection;
    NoticeBar *m_notices;
    DockArea *m_docks;
    RunKeeper *m_runs;
    RunWatch *m_watch;
    QString m_watched;                  // what is said of the run that it watches
    QMetaObject::Connection m_goesBack; // the right run, once the left one has
    QMetaObject::Connection m_atRest;   // what is to be done once the run stands still
    bool m_madeToFit = false;           // the layout, in a window that is too small for the one it was left in
    QString m_crashed;                  // the run that was offered because it was not closed
    QString m_sharedText;               // that was last given to be opened, and is not
    int64_t m_stoodAt = -1;             // the step when it was said why nothing happens
    Opener *m_opener;
    StatusLine *m_status;
    TimeBar *m_time;
    HelpDialog *m_help = nullptr; // once it was asked for
    QPoint m_pointerAtFocus;      // where the pointer was when the focus moved last
    qreal m_pointSize;            // of the font outside presenter mode
    bool m_placed = false;        // the default layout was fitted to the window's first size
    QByteArray m_layout;          // as it was left, until the window has its first size
    bool m_remembers = true;
    bool m_asksToRewind = true;
};

} // namespace pretext
