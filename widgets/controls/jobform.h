// What the job is: data, method, encoder, batch, seed, and of a folder's images size and colour. They wait for a restart, and what fits them is proposed with them; another data set
// is opened first, and the running job goes on until that has succeeded.
#pragma once

#include "core/engine/config.h"

#include <QWidget>

#include <map>

class QComboBox;
class QLabel;
class QTimer;
class QVBoxLayout;

namespace pretext {

class Badge;
class KnobEditor;
struct MethodType;
class Request;
class Run;
class Workbench;

class JobForm : public QWidget
{
    Q_OBJECT
public:
    JobForm(Workbench *workbench, Run *run, QWidget *parent = nullptr);
    void update();

protected:
    void changeEvent(QEvent *event) override;

private:
    void addData(QVBoxLayout *column);
    KnobEditor *addRow(QVBoxLayout *column, const Knob &knob);
    void change(const std::string &field, const KnobValue &value);
    std::string encoderFor(const MethodType &method) const;
    void changeMethod(const std::string &method);
    void chooseData(int index);
    void showData();
    QString batchNote() const;

    Workbench *m_workbench;
    Run *m_run;
    Request *m_request;                              // of the run
    QLabel *m_label = nullptr, *m_running = nullptr; // of the data
    QComboBox *m_data;
    Badge *m_badge;
    KnobEditor *m_method, *m_batch, *m_device, *m_seed, *m_size, *m_colour, *m_imbalance; // two of a folder's images, and one of labelled data
    QTimer *m_reopen;
    DatasetOptions m_options; // asked for, not opened yet
    struct
    {
        std::string of, instead;
    } m_stopgap;                                                 // the encoder that a method could not train, and the one that took its place
    std::map<std::vector<std::string>, KnobEditor *> m_encoders; // by what they offer; those that the asked method can train show
};

} // namespace pretext
