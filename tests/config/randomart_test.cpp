#include "config/randomart.hpp"

#include <gtest/gtest.h>

#include "config/public_key.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

octets decoded_blob(const std::string& line) {
  return parse_public_key(line).value().blob;
}

// Pictures that ssh-keygen -lv drew of keys made for this.
TEST(Randomart, DrawsAsSshDoes) {
  EXPECT_EQ(randomart(decoded_blob(
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICUZWVdHnSG990BW6KTHG3IWBR6BnDIoSywsqEQHsJ6O")),
            "+--[ED25519 256]--+\n"
            "|o+o...oE         |\n"
            "|...oo+o          |\n"
            "|   .o* o .       |\n"
            "|    . X +        |\n"
            "|     =.+So..     |\n"
            "|    o..+.*+..    |\n"
            "|   . ..+= ..o.   |\n"
            "|   ...+..   .+ . |\n"
            "|  ooo=o   .+o o  |\n"
            "+----[SHA256]-----+");
}

TEST(Randomart, AgreesWithSshKeygenOnEveryType) {
  const support::temporary_folder folder;
  // A short RSA key, since a long one takes long to find.
  for (const std::string kind : {"ed25519", "ecdsa -b 256", "ecdsa -b 521", "rsa -b 1024"}) {
    const std::string path = folder.path(kind);
    ASSERT_TRUE(output_of("ssh-keygen -q -t " + kind + " -N '' -C '' -f '" + path + "'"));
    const auto listing = output_of("ssh-keygen -lv -f '" + path + "'");
    ASSERT_TRUE(listing);
    const std::string picture = listing->substr(listing->find('\n') + 1);
    EXPECT_EQ(randomart(decoded_blob(support::content_of(path + ".pub"))) + '\n', picture);
  }
}

TEST(Randomart, DrawsAnyOctets) {
  EXPECT_EQ(randomart({}).substr(0, 19), "+------[KEY]------+");
}

}  // namespace
}  // namespace tunnel::config
