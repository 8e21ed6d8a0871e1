// The main window's menus and the dialogs they open. No dialog is modal for the training, which has a thread of its own.
#include "app/mainwindow.h"

#include "app/dockarea.h"
#include "app/exportdialog.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/panelfinder.h"
#include "app/runkeeper.h"
#include "app/savepanel.h"
#include "app/session.h"
#include "app/settings.h"
#include "app/sharedialog.h"
#include "app/statusline.h"
#include "app/timebar.h"
#include "core/engine/runtext.h"
#include "widgets/background.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"

#include <QActionGroup>
#include <QDialogButtonBox>
#include <QDockWidget>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QMenuBar>
#include <QPushButton>
#include <QTimer>
#include <QUndoStack>

namespace pretext {

namespace {

constexpr int kRecent = 8, kMostWaitMs = 10'000, kLookAgainMs = 100;

/// A file dialog that does not block; `chosen` gets the path.
template<class Chosen>
void ask(QWidget *parent, const QString &title, QFileDialog::FileMode mode, QFileDialog::AcceptMode accept, const QString &filter, const QString &suggested,
         Chosen chosen)
{
    auto *dialog = new QFileDialog(parent, title, settings().value("window/folder").toString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(mode);
    dialog->setAcceptMode(accept);
    if (!suggested.isEmpty())
        dialog->selectFile(suggested);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [chosen](const QString &path) {
        settings().setValue("window/folder", QFileInfo(path).absolutePath());
        chosen(path);
    });
    dialog->open();
}

} // namespace

void MainWindow::makeMenus()
{
    makeFileMenu();
    makeRunMenu();
    makeViewMenu();
    makeHelpMenu();
}

void MainWindow::makeFileMenu()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("Open data &folder …"), this, [this] { chooseData("folder:"); });
    file->addAction(tr("Open &data file …"), this, [this] { chooseData("file:"); });
    file->addAction(tr("Open &run …"), this, &MainWindow::chooseRun);
    file->addSeparator();
    file->addAction(tr("&Open session …"), QKeySequence::Open, this, &MainWindow::chooseSession);
    file->addAction(tr("&Save session …"), QKeySequence::Save, this, &MainWindow::saveSession);
    file->addAction(tr("S&hare the run …"), QKeySequence(tr("Ctrl+Shift+S")), this, &MainWindow::shareRun);
    file->addAction(tr("Open from &text …"), QKeySequence(tr("Ctrl+T")), this, &MainWindow::askForText);
    QMenu *recent = file->addMenu(tr("Re&cent"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
    file->addSeparator();
    file->addAction(tr("&Export encoder …"), QKeySequence(tr("Ctrl+E")), this, &MainWindow::exportEncoder);
    QMenu *save = file->addMenu(tr("Save &panel as PNG, SVG or CSV"));
    for (const PanelType &type : panelTypes())
        save->addAction(tr("%1 …").arg(type.title), this, [this, name = type.name] { savePanelAs(name); });
    file->addAction(tr("R&uns"), this, [this] { m_docks->raise("runs"); });
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence(tr("Ctrl+Q")), this, &QWidget::close);
}

void MainWindow::makeRunMenu()
{
    QMenu *run = menuBar()->addMenu(tr("&Run"));
    run->addAction(tr("&Play or pause"), QKeySequence(Qt::Key_Space), m_run, &Run::togglePlay);
    run->addAction(tr("&One step"), QKeySequence(Qt::Key_Period), m_run, &Run::stepOnce);
    run->addAction(tr("&Rewind to the same initial weights"), QKeySequence(Qt::Key_R), m_run, &Run::askToRewind);
    run->addAction(tr("&Apply and restart"), QKeySequence(tr("Ctrl+R")), m_request, &Request::applyAndRestart);
    run->addAction(tr("&Train past the end …"), this, &MainWindow::extendRun);
    run->addAction(tr("Go &back or fork …"), QKeySequence(tr("Ctrl+B")), this, [this] { chooseStep(-1); });
    run->addAction(tr("Show an &earlier step"), QKeySequence(Qt::Key_BracketLeft), this, [this] { m_time->goToTick(false); });
    run->addAction(tr("Show a &later step"), QKeySequence(Qt::Key_BracketRight), this, [this] { m_time->goToTick(true); });
    run->addAction(tr("Show the step of &now"), QKeySequence(tr("Ctrl+L")), m_time, &TimeBar::showNow);
    makeSideBySideMenu(run);
    run->addAction(tr("Save a &checkpoint now"), m_run, &Run::saveCheckpoint);
    run->addSeparator();
    QAction *undo = m_request->undoStack()->createUndoAction(this, tr("&Undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction *redo = m_request->undoStack()->createRedoAction(this, tr("Re&do"));
    redo->setShortcut(QKeySequence::Redo);
    run->addActions({undo, redo});
}

void MainWindow::makeViewMenu()
{
    QMenu *view = menuBar()->addMenu(tr("&View"));
    int key = 1;
    for (const PanelType &type : panelTypes()) {
        QAction *raise = view->addAction(type.title, this, [this, name = type.name] { m_docks->raise(name); });
        raise->setToolTip(type.help);
        if (key <= 9)
            raise->setShortcut(QKeySequence(QString::number(key++)));
    }
    auto *finder = new PanelFinder(this);
    connect(finder, &PanelFinder::chosen, m_docks, &DockArea::raise);
    view->addAction(tr("&Find a panel …"), QKeySequence(tr("Ctrl+P")), finder, &PanelFinder::open);
    view->addAction(tr("Go to the &notice"), QKeySequence(Qt::Key_F6), m_notices, &NoticeBar::takeFocus);
    QMenu *shown = view->addMenu(tr("&Shown panels"));
    for (const PanelType &type : panelTypes())
        shown->addAction(m_docks->dock(type.name)->toggleViewAction());
    view->addAction(m_time->toggleViewAction());
    view->addSeparator();
    view->addAction(tr("&Default layout"), m_docks, &DockArea::applyDefault);
    QMenu *layouts = view->addMenu(tr("&Layouts"));
    connect(layouts, &QMenu::aboutToShow, this, [this, layouts] { fillLayouts(layouts); });
    QMenu *look = view->addMenu(tr("&Appearance"));
    auto *group = new QActionGroup(look);
    const Appearance current = appearanceFromText(settings().value("window/appearance").toString());
    for (const auto &[text, appearance] :
         {std::pair(tr("As the &system"), Appearance::system), {tr("&Light"), Appearance::light}, {tr("&Dark"), Appearance::dark}}) {
        QAction *action = look->addAction(text, this, [this, appearance = appearance] { setAppearance(appearance); });
        action->setCheckable(true);
        action->setChecked(appearance == current);
        group->addAction(action);
    }
    QAction *present = view->addAction(tr("&Presenter mode"));
    present->setShortcut(QKeySequence(Qt::Key_F11));
    present->setCheckable(true);
    connect(present, &QAction::toggled, this, &MainWindow::setPresenting);
}

void MainWindow::setAppearance(Appearance appearance)
{
    settings().setValue("window/appearance", toText(appearance));
    applyAppearance(appearance);
}

void MainWindow::fillRecent(QMenu *menu)
{
    menu->clear();
    const QStringList paths = settings().value("recent").toStringList();
    for (const QString &path : paths)
        menu->addAction(path, this, [this, path] { m_opener->openAny(path); });
    if (paths.isEmpty())
        menu->addAction(tr("Nothing was opened yet"))->setEnabled(false);
}

void MainWindow::remember(const QString &path)
{
    QStringList paths = settings().value("recent").toStringList();
    const QString absolute = QFileInfo(path).absoluteFilePath();
    paths.removeAll(absolute);
    paths.prepend(absolute);
    settings().setValue("recent", paths.mid(0, kRecent));
}

void MainWindow::fillLayouts(QMenu *menu)
{
    menu->clear();
    for (const QString &name : m_docks->layoutNames())
        menu->addAction(name, this, [this, name] { m_docks->applyLayout(name); });
    if (!menu->isEmpty())
        menu->addSeparator();
    menu->addAction(tr("&Save this layout …"), this, [this] {
        auto *dialog = new QInputDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setLabelText(tr("Name of the layout"));
        connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &name) {
            if (!name.trimmed().isEmpty())
                m_docks->saveLayout(name.trimmed().replace('/', '-'));
        });
        dialog->open();
    });
}

void MainWindow::chooseData(const QString &kind, const QString &method)
{
    const auto open = [this, method](const QString &path) { m_opener->openData(path, method); };
    if (kind == "folder:")
        ask(this, tr("Open a folder of images or of texts"), QFileDialog::Directory, QFileDialog::AcceptOpen, {}, {}, open);
    else if (kind == "file:")
        ask(this, tr("Open data: texts, a table of texts, a .zip or .tar of images or texts, .npy, .npz, IDX (plain or .gz) or CIFAR binary"),
            QFileDialog::ExistingFile, QFileDialog::AcceptOpen,
            tr("Data (*.txt *.text *.md *.txt.gz *.csv *.tsv *ubyte *ubyte.gz *.gz *.bin *.zip *.tar *.tar.gz *.tar.xz *.npy *.npz);;Texts (*.txt *.text *.md "
               "*.csv *.tsv *.txt.gz *.md.gz *.csv.gz *.tsv.gz);;All files (*)"),
            {}, open);
    else
        open(kind);
}

void MainWindow::chooseColumn(const QString &table, const QStringList &columns, int usual)
{
    m_status->clearMessage();
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("The column of the text"));
    dialog->setLabelText(tr("Which column of %1 is the text? The others are labels, where they can be.").arg(QFileInfo(table).fileName()));
    dialog->setComboBoxItems(columns);
    dialog->setTextValue(columns.value(qMax(0, usual)));
    connect(dialog, &QInputDialog::textValueSelected, this, [this, table](const QString &column) { m_opener->openData(table + '#' + column); });
    dialog->open();
}

void MainWindow::chooseRun()
{
    ask(this, tr("Open a run's folder"), QFileDialog::Directory, QFileDialog::AcceptOpen, {}, {}, [this](const QString &path) { m_opener->openRun(path); });
}

void MainWindow::chooseSession()
{
    ask(this, tr("Open a session"), QFileDialog::ExistingFile, QFileDialog::AcceptOpen, tr("Sessions and shared runs (*.json *.pretext)"), {},
        [this](const QString &path) { m_opener->openSession(path); });
}

void MainWindow::saveSession()
{
    ask(this, tr("Save the session"), QFileDialog::AnyFile, QFileDialog::AcceptSave, tr("Sessions (*.json)"), "session.json", [this](const QString &path) {
        try {
            writeSession(path, session());
            remember(path);
        } catch (const std::exception &error) {
            m_notices->notify("refused", QString::fromUtf8(error.what()));
        }
    });
}

Session MainWindow::session() const
{
    Session session;
    session.config = m_request->config();
    session.layout = m_docks->state();
    session.sample = m_selection->sample();
    session.pair = m_selection->place();
    session.sideBySide = pairNow();
    return session;
}

void MainWindow::shareRun()
{
    const auto without = [this] { // the folders of two runs side by side, which others do not have
        Session shared = session();
        shared.sideBySide.reset();
        return shared;
    };
    auto *dialog = new ShareDialog(m_run, without, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

/// What is wrong with the text itself; whether its data are there is found out when it is opened.
static QString refusalOfText(const QString &text)
{
    try {
        wordsOfRunText(text.trimmed().toStdString());
        return {};
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
}

void MainWindow::askForText()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setOption(QInputDialog::UsePlainTextEditForTextInput);
    dialog->setWindowTitle(tr("Open from text"));
    dialog->setTextValue(m_sharedText);
    dialog->resize(560, 240);
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &text) {
        m_sharedText = text; // to be mended, where it cannot be opened
        m_opener->openText(text);
    });
    const auto check = [dialog](const QString &text) {
        const QString wrong = text.trimmed().isEmpty() ? QString() : refusalOfText(text);
        dialog->setLabelText(wrong.isEmpty() ? tr("The text of a run that was shared; it begins with pretext train and ends with its code.") : wrong);
        if (auto *buttons = dialog->findChild<QDialogButtonBox *>())
            buttons->button(QDialogButtonBox::Ok)->setEnabled(wrong.isEmpty() && !text.trimmed().isEmpty());
    };
    connect(dialog, &QInputDialog::textValueChanged, dialog, check);
    dialog->open();
    for (QLabel *label : dialog->findChildren<QLabel *>())
        label->setWordWrap(true);
    check(m_sharedText);
}

void MainWindow::savePanelAs(const QString &name)
{
    m_docks->raise(name); // one that lies under others shows what it showed when it was last seen
    ask(this, tr("Save %1").arg(m_docks->dock(name)->windowTitle()), QFileDialog::AnyFile, QFileDialog::AcceptSave,
        tr("Picture or numbers (*.png *.svg *.csv)"), name + ".png",
        [this, name](const QString &path) { writePanel(name, path, QDeadlineTimer(kMostWaitMs)); });
}

/// Once it shows something; until then it is looked again and again, for as long as is given.
void MainWindow::writePanel(const QString &name, const QString &path, QDeadlineTimer until)
{
    Panel *panel = m_docks->panel(name);
    const QString title = m_docks->dock(name)->windowTitle();
    const auto refuse = [this](const QString &line) { m_notices->notify("refused", line); };
    m_docks->raise(name);
    if (panel->isWaiting() && !until.hasExpired()) {
        m_status->showMessage(tr("%1 will be saved when it shows something …").arg(title));
        QTimer::singleShot(kLookAgainMs, this, [this, name, path, until] { writePanel(name, path, until); });
        return;
    }
    m_status->clearMessage();
    if (panel->isWaiting())
        return refuse(tr("%1 shows nothing yet, and was not saved; what it waits for stands in it.").arg(title));
    try {
        inBackground(
            this,
            [write = preparePanelFile(*panel, title, path), path] {
                write();
                return path;
            },
            [this](const QString &written) {
                m_notices->dismiss("refused");
                m_status->showMessage(tr("%1 was written.").arg(written), 5000);
            },
            refuse);
    } catch (const std::exception &error) {
        refuse(QString::fromUtf8(error.what()));
    }
}

void MainWindow::exportEncoder()
{
    auto *dialog = new ExportDialog(m_run, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

} // namespace pretext
