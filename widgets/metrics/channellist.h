// The scalar channels of a run, each with a tick: those to draw.
#pragma once

#include <QListWidget>

#include <map>
#include <vector>

namespace pretext {

struct ScalarHistory;

class ChannelList : public QListWidget
{
    Q_OBJECT
public:
    explicit ChannelList(QWidget *parent = nullptr);
    /// Lists the histories' channels; ticks stay as they are, and the loss is ticked at first, and what is evaluated. True where the list changed.
    bool follow(const std::vector<const ScalarHistory *> &histories);
    QStringList ticked() const;
    /// Puts strokes of a channel's curves beside it, one above the other; channels that are not named have none.
    void showPens(const std::map<QString, QList<QPen>> &pens);

protected:
    void changeEvent(QEvent *event) override;

private:
    void fit();
};

} // namespace pretext
