// The neighbours panel's parts: looks at the encoder and the search in them (neighbourspanel.cpp), and what the neighbours are of, a sample or a picture or
// sentence of the user's own (neighboursquery.cpp).
#pragma once

#include "core/analysis/neighbourbank.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/encoderfollower.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/panels/nearview.h"

#include <QCoreApplication>

#include <optional>
#include <utility>

class QLineEdit;
class QPushButton;

namespace pretext {

class ElidedLabel;

class NeighboursPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::NeighboursPanel)
public:
    explicit NeighboursPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    QString csv() const override { return m_view.csv(); }
    void refresh() override;

protected:
    void draw(Canvas &canvas) override;
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return m_view.isEmpty(); }
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void makeTools();
    EncoderFollower::Work prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset);
    bool byPictures() const { return m_samples.inPictures(); }
    NeighbourQuery query() const;
    void take(std::shared_ptr<NeighbourBank> bank);
    void comeBack();
    void followSelection();
    void readOwn(const QString &path);
    void setOwn(NeighbourQuery own, const QString &name);
    void forgetOwn();
    bool ownFits(const Dataset &data) const;
    void search();
    void clear();
    void said();
    void select(int64_t sample);
    QString message() const;
    QString coming() const;
    QString queryName() const;

    EncoderFollower *m_follower;
    mutable HeldOutSamples m_samples;
    std::shared_ptr<NeighbourBank> m_bank, m_bankBefore;
    std::pair<std::shared_ptr<NeighbourBank>, std::shared_ptr<NeighbourBank>> m_ofNow; // both, while an older step is shown
    std::optional<NeighbourQuery> m_own;
    QString m_ownName, m_problem;
    NearView m_view;
    int m_request = 0; // of a search: an older one that ends later is dropped
    QPushButton *m_open, *m_back;
    ElidedLabel *m_note; // of what was asked: refused, or on its way
    QLineEdit *m_text;
};

} // namespace pretext
