# shellcheck shell=bash
# Lets ccache find in one checkout what was compiled in another, wherever each is: paths below the checkout count
# relative to the build folder. Sourced by the scripts beside this folder that build; needs bash, in the checkout.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
