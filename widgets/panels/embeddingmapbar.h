// The embedding map's controls, in two rows so that the panel may be narrow: what is mapped, how, by what it is coloured; what is searched for, and what
// goes out.
#pragma once

#include "core/analysis/embeddingmap.h"
#include "core/data/dataset.h"
#include "widgets/panels/maplabels.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QLineEdit;
class QMenu;
class QToolButton;

namespace pretext {

class EmbeddingMapBar : public QWidget
{
    Q_OBJECT
public:
    explicit EmbeddingMapBar(QWidget *parent);
    int samples() const;
    MapKind kind() const;
    MapColouring colouring() const;
    /// What the points may be coloured by; what was chosen stays where there is still the like.
    void setColumns(const std::vector<LabelColumn> &columns);
    bool lassoing() const;
    void clearSearch();
    QMenu &exports() const { return *m_exports; }

signals:
    void samplesChanged(int samples);
    void kindChanged(pretext::MapKind kind);
    void colouringChanged();
    void searched(const QString &words);
    void wholeAsked();
    void anewAsked();

private:
    void addWhat(QHBoxLayout *row);
    void addWhere(QHBoxLayout *row);
    QToolButton *addButton(QHBoxLayout *row, const QString &text, const QString &help);

    QComboBox *m_samples, *m_method, *m_dimensions, *m_colour;
    QLineEdit *m_search;
    QToolButton *m_lasso, *m_anew;
    QMenu *m_exports;
    QTimer m_typed;
};

} // namespace pretext
