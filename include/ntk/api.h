/// \file
/// What can be linked: all that is not marked is hidden in a shared libntk.
#pragma once

/// Marks what a program that links libntk may use.
#define NTK_API __attribute__((visibility("default")))
/// Marks what stays inside, although it stands in something that is marked NTK_API.
#define NTK_LOCAL __attribute__((visibility("hidden")))
