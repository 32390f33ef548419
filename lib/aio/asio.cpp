#include "aio/asio.hpp"

#include <boost/asio/impl/src.hpp>
