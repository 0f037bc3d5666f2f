# What doxygen sees of our Markdown. GitHub names a heading by its text, doxygen only when it is told.
s/^##+ ([A-Za-z]+) ([a-z]+)$/& {#\L\1-\2}/
# The READMEs of other folders are no pages.
s/\[([^]]*)\]\([a-z/]+README\.md\)/\1/g
