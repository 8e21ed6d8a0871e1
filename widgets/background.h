// Work off the window's thread whose result comes back to it: opening data, reading runs, exporting. A receiver that is gone by then
// is simply not told.
#pragma once

#include "core/system/describe.h"
#include "core/system/lowpriority.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>

#include <exception>
#include <memory>
#include <utility>

namespace pretext {

/// One thread for what panels compute, below the training and the window: there is never more than one such job at a time.
inline QThreadPool *analysisPool()
{
    static QThreadPool *pool = [] {
        auto *made = new QThreadPool(qApp);
        made->setMaxThreadCount(1);
        return made;
    }();
    return pool;
}

/// Has the window's thread call it, where the receiver is still there. To be called from any thread; the pointer is made on the window's.
template<class Call>
void tellWindow(const QPointer<QObject> &receiver, Call call)
{
    QMetaObject::invokeMethod(
        qApp,
        [receiver, call = std::move(call)]() mutable {
            if (receiver)
                call();
        },
        Qt::QueuedConnection);
}

/// Runs `work` on the pool; on the window's thread then calls done(result), or failed(one line).
template<class Work, class Done, class Failed>
void inBackground(QObject *receiver, Work work, Done done, Failed failed, QThreadPool *pool = QThreadPool::globalInstance())
{
    auto deliver = [receiver = QPointer<QObject>(receiver)](auto call) { tellWindow(receiver, std::move(call)); };
    pool->start([work = std::move(work), done = std::move(done), failed = std::move(failed), deliver]() mutable {
        lowerPriorityOfThisThread();
        try {
            auto result = std::make_shared<decltype(work())>(work());
            deliver([done = std::move(done), result]() mutable { done(std::move(*result)); });
        } catch (const std::exception &error) {
            deliver([failed = std::move(failed), line = QString::fromStdString(describe(error))]() mutable { failed(line); });
        }
    });
}

} // namespace pretext
