// What the job is: data, method, encoder, batch and seed. All but the data wait for a restart; another data set is opened first, and the
// running job goes on until that has succeeded.
#pragma once

#include "core/engine/config.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace pretext {

class KnobEditor;
class TrainingController;

class JobForm : public QWidget
{
    Q_OBJECT
public:
    explicit JobForm(TrainingController *controller, QWidget *parent = nullptr);
    void update();

protected:
    void changeEvent(QEvent *event) override;

private:
    void addData(QVBoxLayout *column);
    KnobEditor *addRow(QVBoxLayout *column, const Knob &knob);
    void change(const std::string &field, const KnobValue &value);
    void chooseData(int index);
    void showData();

    TrainingController *m_controller;
    QLabel *m_label = nullptr;
    QComboBox *m_data;
    KnobEditor *m_method, *m_encoder, *m_batch, *m_seed;
};

} // namespace pretext
