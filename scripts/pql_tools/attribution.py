def attribution(*a): raise NotImplementedError
def comparison(*a): raise NotImplementedError
