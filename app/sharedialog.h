// Hands a run to others: a text and its QR code for a slide, and a file with everything.
#pragma once

#include "app/session.h"
#include "app/shared.h"

#include <QDialog>

#include <functional>

class QCheckBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace pretext {

class Run;

class ShareDialog : public QDialog
{
    Q_OBJECT
public:
    /// `session`: the window's state as it is when it is asked for.
    ShareDialog(Run *run, std::function<Session()> session, QWidget *parent);

    QString text() const;

private:
    QWidget *makeTextPart();
    QWidget *makeFilePart();
    void take(Shared shared);
    void showSize();
    void saveQr();
    void saveFile();
    void write(const QString &file, const std::filesystem::path &checkpoint);
    void say(const QString &line);

    Run *m_run;
    std::function<Session()> m_session;
    QPlainTextEdit *m_text;
    QLabel *m_notes, *m_code, *m_size, *m_result;
    QCheckBox *m_weights;
    QPushButton *m_copy, *m_saveQr, *m_saveFile;
    qint64 m_checkpointBytes = 0;
};

} // namespace pretext
