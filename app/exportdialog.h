// Export of the encoder that is training now: a checkpoint is saved first, then written, reloaded and compared off the window's thread.
#pragma once

#include <QDialog>

#include <filesystem>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace pretext {

class Run;

class ExportDialog : public QDialog
{
    Q_OBJECT
public:
    ExportDialog(Run *run, QWidget *parent);

private:
    QString preprocessing() const;
    void offerWhatFits();
    void chooseFile();
    void begin();
    void write(const std::filesystem::path &checkpoint);
    void finish(const QString &text);

    Run *m_run;
    QComboBox *m_format;
    QCheckBox *m_projector;
    QLineEdit *m_file;
    QLabel *m_result;
    QPushButton *m_export;
};

} // namespace pretext
